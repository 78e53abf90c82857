/** The situations of Linux 7.3 that were recorded with QEMU and gdb (`groundtruth.jsonl`): where, and the chain there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../../debug-adapter/symbols/api';
import { linuxFolder } from './linux.test-support';

export interface Situation {
  readonly title: string;
  readonly pc: bigint;
  /** The place as a breakpoint SPEC, to the instruction. */
  readonly spec: string;
  /** Names of functions, innermost first, with `PT_REGS` before what an exception interrupted, and `FINAL`. */
  readonly chain: readonly string[];
}

interface Recorded {
  readonly title: string;
  readonly regs: { readonly pc: string };
  /** `addr` and `sym` (`name`, `name+156`) are null in `PT_REGS` and `FINAL`. */
  readonly chain: readonly {
    readonly kind: string;
    readonly addr: string | null;
    readonly sym: string | null;
  }[];
}

/** Functions are named by the program: the recording names that behind a call which does not return. */
export function groundTruth({ symbols }: Program): readonly Situation[] {
  const nameOf = (kind: string, address: bigint) =>
    symbols.at(kind === 'rec' ? address - 1n : address)?.name ?? '?';
  return readFileSync(join(linuxFolder, 'groundtruth.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded)
    .map(({ title, regs, chain }) => {
      const place = chain[0]!.sym ?? '';
      return {
        title,
        pc: BigInt(regs.pc),
        spec: place.includes('+') ? place : `${place}+0x0`,
        chain: chain.map(({ kind, addr }) => (addr === null ? kind : nameOf(kind, BigInt(addr)))),
      };
    });
}
