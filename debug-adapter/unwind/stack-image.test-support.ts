/** Stacks with contents for tests, and a memory that notes any access outside them. */
import { constantPtRegsLayout } from './pt-regs';
import type { PtRegsLayout, ReadMemory, StackBounds, StackKind, WalkInput, WalkStart } from './types';

/** Kernel text of the tests; every address in it is a valid pc. */
export const textStart = 0xffff_ffff_8000_0000n;
const textEnd = textStart + 0x10_0000n;

const isKernelText = (pc: bigint) => pc >= textStart && pc < textEnd;

export const layout: PtRegsLayout = constantPtRegsLayout;
export const stackframe = BigInt(constantPtRegsLayout.stackframe!);

/** The layout of a kernel that writes no metadata records. */
export const legacyLayout: PtRegsLayout = (() => {
  const legacy: { -readonly [K in keyof PtRegsLayout]: PtRegsLayout[K] } = { ...layout, size: 288 };
  delete legacy.stackframe;
  return legacy;
})();

export class StackImage {
  readonly stacks: StackBounds[] = [];
  /** Reads that were not entirely inside one stack: must stay empty. */
  readonly strayReads: string[] = [];
  readonly #words = new Map<bigint, bigint>();

  add(kind: StackKind, low: bigint, size: bigint): StackBounds {
    const stack = { kind, name: `${kind} stack`, low, high: low + size };
    this.stacks.push(stack);
    return stack;
  }

  /** 64-bit words from `address` upwards. */
  write(address: bigint, ...words: bigint[]): void {
    words.forEach((word, index) => this.#words.set(address + 8n * BigInt(index), word));
  }

  /** A frame record for which the callee's s0 is `fp`. */
  record(fp: bigint, callerFp: bigint, ra: bigint): void {
    this.write(fp - 16n, callerFp, ra);
  }

  /** A metadata record for which s0 is `fp`. */
  metadata(fp: bigint, type: bigint): void {
    this.write(fp - 16n, 0n, 0n, type);
  }

  /** A pt_regs whose metadata record is at s0 = `fp`; `registers` by offset. The result is its address. */
  ptRegs(fp: bigint, type: bigint, registers: Readonly<Record<number, bigint>>): bigint {
    const address = fp - 16n - stackframe;
    for (const [offset, value] of Object.entries(registers)) this.write(address + BigInt(offset), value);
    this.metadata(fp, type);
    return address;
  }

  readonly memory: ReadMemory = (address, length) => {
    const end = address + BigInt(length);
    if (!this.stacks.some(({ low, high }) => address >= low && end <= high))
      this.strayReads.push(`${length} bytes at 0x${address.toString(16)}`);
    return Uint8Array.from({ length }, (_, offset) => {
      const at = address + BigInt(offset);
      const word = this.#words.get(at & ~7n) ?? 0n;
      return Number((word >> (8n * (at & 7n))) & 0xffn);
    });
  };

  input(start: WalkStart, more: Partial<WalkInput> = {}): WalkInput {
    return {
      start,
      memory: this.memory,
      stacks: this.stacks,
      finalRecord: undefined,
      layout,
      isKernelText,
      ...more,
    };
  }
}
