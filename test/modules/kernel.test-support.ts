/** `kernel.c` with the module in two places, built into a folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadProgram } from '../../debug-adapter/symbols/program';
import { buildModule, run, sectionAddresses } from './module.test-support';

const gcc = 'riscv64-linux-gnu-gcc';
const moduleCompiler = [gcc, '-gdwarf-5', '-mno-relax', '-fno-omit-frame-pointer'];
const size = 0x8000;

export const bases = [0x8040_0000n, 0x8050_0000n] as const;

/** Code on two pages of its own, all else behind it. */
function sectionsFrom(base: bigint): ReadonlyMap<string, bigint> {
  const names = [...sectionAddresses.keys()];
  return new Map(
    names.map((name, n) => [
      name,
      base + (name === '.text' ? 0n : name === '.init.text' ? 0x1000n : 0x2000n + BigInt(0x400 * n)),
    ]),
  );
}

/** Writes kernel.elf, and the module's file in modules/; false if a tool is missing. */
export function buildKernel(folder: string): boolean {
  const all = bases.map(sectionsFrom);
  const built = buildModule(moduleCompiler, all);
  if (!built) return false;
  mkdirSync(join(folder, 'modules'), { recursive: true });
  writeFileSync(join(folder, 'modules', 'unwind-counter.ko'), built.ko);
  const places = bases.map((base, n) => {
    const linked = join(folder, `place${n}.elf`);
    writeFileSync(linked, built.linked[n]!);
    run('riscv64-linux-gnu-objcopy', ['-O', 'binary', linked, join(folder, `place${n}.bin`)]);
    return placeOf(n, base, all[n]!, built.linked[n]!, folder);
  });
  writeFileSync(
    join(folder, 'places.h'),
    `${places.join('\n')}\nconst struct place places[] = { place0, place1 };\n`,
  );
  writeFileSync(
    join(folder, 'kernel.ld'),
    'ENTRY(_start) SECTIONS { . = 0x80200000; .text : { *(.head.text) *(.text*) } .rodata : { *(.rodata* .srodata*) } .data : { *(.data* .sdata*) } .bss : { *(.bss* .sbss*) } }',
  );
  const options = ['-gdwarf-5', '-fno-eliminate-unused-debug-types', '-O1', '-fno-omit-frame-pointer'];
  const bare = [
    '-mcmodel=medany',
    '-fno-pic',
    '-no-pie',
    '-static',
    '-nostdlib',
    '-ffreestanding',
    '-Wl,--build-id=none',
  ];
  const source = join(import.meta.dirname, 'kernel.c');
  const output = ['-I', folder, source, '-T', join(folder, 'kernel.ld'), '-o', join(folder, 'kernel.elf')];
  return run(gcc, [...options, ...bare, ...output]) !== undefined;
}

/** The C of one `struct place`. */
function placeOf(
  n: number,
  base: bigint,
  sections: ReadonlyMap<string, bigint>,
  linked: Uint8Array,
  folder: string,
): string {
  const { symbols, text } = loadProgram(linked);
  const functions = symbols.symbols.filter(({ kind }) => kind === 'function');
  const addressOf = (name: string) => functions.find((one) => one.name === name)!.address;
  const sizeAt = (start: bigint) =>
    text.filter((range) => range.start === start).map(({ start, end }) => end - start)[0]!;
  const initText = sections.get('.init.text')!;
  const pairs = (all: Iterable<readonly [string, bigint]>) =>
    [...all].map(([name, address]) => `{ "${name}", ${address}ul }`).join(', ');
  return [
    `static const struct section sections${n}[] = { ${pairs(sections)}, { 0 } };`,
    `static const struct symbol symbols${n}[] = { ${pairs(functions.map(({ name, address }) => [name, address] as const))}, { 0 } };`,
    `extern const unsigned char bytes${n}[], end${n}[];`,
    `__asm__(".section .rodata\\nbytes${n}: .incbin \\"${join(folder, `place${n}.bin`)}\\"\\nend${n}:\\n.text\\n");`,
    `#define place${n} { ${base}ul, ${sizeAt(base)}, ${initText}ul, ${sizeAt(initText)}, ${size}, sections${n}, symbols${n}, bytes${n}, end${n}, (int (*)(int))${addressOf('counter_init')}ul, (int (*)(int))${addressOf('counter_read')}ul }`,
  ].join('\n');
}
