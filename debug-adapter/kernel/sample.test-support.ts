/** The sample kernel's files as a machine's memory for tests: its image, and what a test writes over it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../symbols/api';
import { loadProgram } from '../symbols/program';
import type { ReadMemory } from '../unwind/types';
import type { HartState } from './api';

type SampleName = 'metadata' | 'legacy' | 'm-mode';

const folder = join(import.meta.dirname, '../../sample-kernel/prebuilt');

export function loadSample(name: SampleName): Program {
  return loadProgram(readFileSync(join(folder, `sample-${name}.elf`)));
}

/** Address of a symbol that must exist. */
export function addressOf(program: Program, name: string): bigint {
  const symbol = program.symbols.named(name)[0];
  if (!symbol) throw new Error(`no symbol ${name}`);
  return symbol.address;
}

/** Offset of a member that must exist, e.g. `thread.ra`. */
export function offsetOf(program: Program, struct: string, member: string): bigint {
  const layout = program.types.struct(struct)?.members.get(member);
  if (!layout) throw new Error(`no member ${member} of struct ${struct}`);
  return BigInt(layout.offset);
}

/** The image at its link-time addresses or, with `physical`, at those it is loaded to; the rest of memory is absent. */
export class SampleMemory {
  readonly #written = new Map<bigint, number>();
  readonly #segments: readonly { start: bigint; size: number; data: Uint8Array }[];

  constructor(program: Program, options: { readonly physical?: boolean } = {}) {
    this.#segments = program.segments.map((segment) => ({
      start: options.physical ? segment.physicalAddress : segment.virtualAddress,
      size: segment.memorySize,
      data: segment.data,
    }));
  }

  write64(address: bigint, value: bigint): void {
    for (let n = 0n; n < 8n; n++) this.#written.set(address + n, Number((value >> (8n * n)) & 0xffn));
  }

  write32(address: bigint, value: number): void {
    for (let n = 0; n < 4; n++) this.#written.set(address + BigInt(n), (value >>> (8 * n)) & 0xff);
  }

  readonly read: ReadMemory = (address, length) => {
    const bytes = new Uint8Array(length);
    for (let n = 0; n < length; n++) {
      const byte = this.#byte(address + BigInt(n));
      if (byte === undefined) return undefined;
      bytes[n] = byte;
    }
    return bytes;
  };

  #byte(address: bigint): number | undefined {
    const written = this.#written.get(address);
    if (written !== undefined) return written;
    const segment = this.#segments.find(
      ({ start, size }) => address >= start && address < start + BigInt(size),
    );
    return segment && (segment.data[Number(address - segment.start)] ?? 0);
  }
}

interface HartValues {
  readonly pc?: bigint;
  readonly privilege?: HartState['privilege'];
  readonly bare?: boolean;
  readonly started?: boolean;
  /** By ABI name. */
  readonly sp?: bigint;
  readonly gp?: bigint;
  readonly tp?: bigint;
  readonly s0?: bigint;
  /** CSRs by address. */
  readonly csrs?: Readonly<Record<number, bigint>>;
}

export function hart(values: HartValues): HartState {
  const x = new Map([
    [2, values.sp],
    [3, values.gp],
    [4, values.tp],
    [8, values.s0],
  ]);
  return {
    index: 0,
    pc: values.pc ?? 0n,
    started: values.started ?? true,
    privilege: values.privilege ?? 'supervisor',
    bare: values.bare ?? false,
    getX: (index) => x.get(index) ?? 0n,
    getCsr: (address) => values.csrs?.[address] ?? 0n,
  };
}
