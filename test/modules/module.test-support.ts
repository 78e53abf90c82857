/** A module as Linux builds it (a relocatable .ko), and the same one linked by ld at the addresses where a kernel has put its sections. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const sectionAddresses: ReadonlyMap<string, bigint> = new Map([
  ['.text', 0xffff_ffff_0100_0000n],
  ['.init.text', 0xffff_ffff_0101_0000n],
  ['.rodata', 0xffff_ffff_0102_0000n],
  ['.rodata.str1.8', 0xffff_ffff_0102_1000n],
  ['.rodata.str1.1', 0xffff_ffff_0102_1800n],
  ['.srodata', 0xffff_ffff_0102_2000n],
  ['.data.rel.ro.local', 0xffff_ffff_0102_3000n],
  ['.data.rel.ro', 0xffff_ffff_0102_3800n],
  ['.note.gnu.build-id', 0xffff_ffff_0102_4000n],
  ['.eh_frame', 0xffff_ffff_0102_5000n],
  ['.data', 0xffff_ffff_0103_0000n],
  ['.sdata', 0xffff_ffff_0103_1000n],
  ['.sbss', 0xffff_ffff_0103_2000n],
  ['.bss', 0xffff_ffff_0103_3000n],
  ['.data..percpu', 0xffff_ffff_8020_0000n],
]);

const buildId = '.note.gnu.build-id';
const sources = ['counter', 'keep'].map((name) => join(import.meta.dirname, `${name}.c`));

export interface BuiltModule {
  /** ET_REL, with relocations and a build id. */
  readonly ko: Uint8Array;
  /** ET_EXEC, with nothing left to relocate: one for each place. */
  readonly linked: readonly Uint8Array[];
}

/** Runs a tool; `undefined` if there is no such tool. */
export function run(tool: string, args: readonly string[]): string | undefined {
  const { error, status, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8' });
  if (error !== undefined) return undefined;
  assert.equal(status, 0, `${tool} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** `undefined` if a tool is missing. */
export function buildModule(
  [compiler, ...options]: readonly string[],
  places: readonly (typeof sectionAddresses)[] = [sectionAddresses],
): BuiltModule | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-module-'));
  try {
    const file = (name: string) => join(folder, name);
    const objects = sources.map((_, n) => file(`${n}.o`));
    for (const [n, source] of sources.entries()) {
      const always = [
        '-c',
        '-O2',
        '-g',
        '-ffreestanding',
        '-mcmodel=medany',
        '-fno-pic',
        '-fno-omit-frame-pointer',
      ];
      if (run(compiler!, [...always, ...options, source, '-o', objects[n]!]) === undefined) return undefined;
    }
    const ko = file('counter.ko');
    // Each with its own linker: GNU's fails on what clang leaves to it.
    const isClang = compiler!.startsWith('clang');
    const ld = isClang ? compiler!.replace('clang', 'ld.lld') : 'riscv64-linux-gnu-ld';
    if (run(ld, ['-r', '--build-id=sha1', ...objects, '-o', ko]) === undefined) return undefined;
    // GNU's linker leaves out the build id of what it links: it stays under another name. LLVM's leaves it where it is.
    const named = isClang ? ko : file('named.ko');
    if (!isClang) run('riscv64-linux-gnu-objcopy', ['--rename-section', `${buildId}=.note.kept`, ko, named]);
    const linked = places.map((addresses) => {
      const [elf, script] = [file('linked.elf'), file('place.ld')];
      writeFileSync(script, linkerScript(addresses));
      run(ld, ['--no-relax', '-e', 'counter_init', '-T', script, named, '-o', elf]);
      return new Uint8Array(readFileSync(elf));
    });
    return { ko: new Uint8Array(readFileSync(ko)), linked };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function linkerScript(addresses: ReadonlyMap<string, bigint>): string {
  const sections = [...addresses].map(
    ([name, address]) =>
      `${name} 0x${address.toString(16)} : { *(${name}${name === buildId ? ' .note.kept' : ''}) }`,
  );
  return `SECTIONS {\n${sections.join('\n')}\n}\n`;
}
