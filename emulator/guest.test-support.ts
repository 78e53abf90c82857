import type { BootImage } from './api';
import { assemble } from './isa/assemble';

const BASE = 0x8000_0000;

export interface Guest {
  readonly image: BootImage;
  /** Addresses of its labels. */
  readonly labels: ReadonlyMap<string, bigint>;
}

/**
 * Assembles a small program, so that tests need no toolchain: one instruction or `label:` a line, `#` for comments. Beyond the
 * emulator's own assembler it knows labels as branch targets, `li` with any value, `la` of a label, `.dword VALUE`, `.space BYTES`,
 * and `.align BYTES`.
 */
export function guest(source: string, base = BASE): Guest {
  const labels = new Map<string, bigint>();
  const lines = source.split('\n').map((line) => line.replace(/#.*/, '').trim());
  // The first pass only measures; labels that are not known yet are taken to be where the line is.
  let words: number[] = [];
  for (let pass = 0; pass < 2; pass++) {
    words = [];
    for (const line of lines) {
      const pc = BigInt(base + words.length * 4);
      const label = /^(\w+):$/.exec(line)?.[1];
      if (label !== undefined) labels.set(label, pc);
      else if (line !== '') words.push(...assembleLine(line, pc, (name) => labels.get(name)));
    }
  }
  const data = new Uint8Array(Uint32Array.from(words).buffer);
  return { image: { segments: [{ address: base, data, memorySize: data.length }], entry: base }, labels };
}

function assembleLine(line: string, pc: bigint, find: (label: string) => bigint | undefined): number[] {
  const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
  const operands = rest.split(',').map((operand) => operand.trim());
  const [first = '', second = ''] = operands;
  const one = (text: string, at = pc): number => {
    const word = assemble(text, at);
    if (word === undefined) throw new Error(`cannot assemble: ${text}`);
    return word;
  };
  switch (name) {
    case '.dword':
      return halves(BigInt(first));
    case '.space':
      return new Array<number>(Number(first) / 4).fill(0);
    case '.align':
      return new Array<number>(Number(-pc & (BigInt(first) - 1n)) / 4).fill(0);
    case 'la':
      return loadFar(first, find(second) ?? pc, one);
    case 'li':
      if (assemble(line, pc) === undefined) return loadFar(first, BigInt(second), one);
  }
  const target = /^[a-z_]\w*$/i.test(operands.at(-1)!) ? find(operands.at(-1)!) : undefined;
  if (target !== undefined) operands[operands.length - 1] = `0x${target.toString(16)}`;
  const known = assemble(`${name} ${operands.join(',')}`, pc);
  // A label further down, in the first pass: any branch has the size of the real one.
  return [known ?? (isLabel(operands.at(-1)!) ? 0 : one(line))];
}

const isLabel = (operand: string): boolean => /^[a-z_]\w*$/i.test(operand);

/** Any constant: jump over it and load it. */
function loadFar(register: string, value: bigint, one: (text: string, pc: bigint) => number): number[] {
  return [
    one(`auipc ${register},0`, 0n),
    one(`ld ${register},12(${register})`, 0n),
    one('j 0xc', 0n),
    ...halves(BigInt.asUintN(64, value)),
  ];
}

function halves(value: bigint): number[] {
  return [Number(value & 0xffff_ffffn), Number(value >> 32n)];
}
