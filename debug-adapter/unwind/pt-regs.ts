/** `struct pt_regs` of RISC-V Linux as an object in memory. */
import { RegisterList } from './registers';
import type { KnownRegisters, PtRegsLayout, ReadMemory } from './types';

/** ABI names of x0 to x31 as pt_regs spells its members (s0, not fp). */
const registerNames = (
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 ' + 's2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'
).split(' ');

/** Previous privilege: SPP in an S-mode kernel's sstatus, MPP in an M-mode kernel's mstatus (priv 1.13 §3.1.6). */
const previousPrivilege = 0x1900n;

/**
 * The layout of Linux 7.3 for RV64, with the metadata series' `stackframe` as last member: for kernels without debug
 * information only, `source` says so.
 */
export const constantPtRegsLayout: PtRegsLayout = {
  size: 312,
  epc: 0,
  x: registerNames.map((_, index) => 8 * index),
  status: 256,
  badaddr: 264,
  cause: 272,
  origA0: 280,
  stackframe: 288,
  source: 'constants',
};

export interface PtRegs {
  readonly address: bigint;
  readonly epc: bigint;
  readonly status: bigint;
  readonly badaddr: bigint;
  readonly cause: bigint;
  /** x1 to x31. */
  readonly x: KnownRegisters;
}

/** Reads a whole pt_regs; the caller has checked that it lies in a stack. */
export function readPtRegs(memory: ReadMemory, address: bigint, layout: PtRegsLayout): PtRegs | undefined {
  const bytes = memory(address, layout.size);
  if (!bytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (offset: number) => view.getBigUint64(offset, true);
  let x: KnownRegisters | undefined;
  return {
    address,
    epc: word(layout.epc),
    status: word(layout.status),
    badaddr: word(layout.badaddr),
    cause: word(layout.cause),
    // Most readers want no more than epc and status.
    get x() {
      return (x ??= generalRegisters(layout, word));
    },
  };
}

function generalRegisters({ x }: PtRegsLayout, word: (offset: number) => bigint): KnownRegisters {
  return new RegisterList(x.map((offset, index) => (index === 0 ? undefined : word(offset))));
}

/** What saved registers take of a stack, PT_SIZE_ON_STACK: stacks are aligned to 16 bytes (psABI). */
export function sizeOnStack({ size }: { readonly size: number }): bigint {
  return (BigInt(size) + 15n) & ~15n;
}

/** The kernel's `user_mode(regs)`, for S-mode and M-mode kernels: sstatus has zeros where mstatus has MPP. */
export function isFromUser(regs: { readonly status: bigint }): boolean {
  return (regs.status & previousPrivilege) === 0n;
}

/** One word of a pt_regs, to be shown. */
export interface PtRegsField {
  /** The member's name in C: `epc`, `s0`, `stackframe.type`. */
  readonly name: string;
  readonly offset: number;
}

/** The words of a pt_regs in memory order. */
export function ptRegsFields(layout: PtRegsLayout): readonly PtRegsField[] {
  const fields: PtRegsField[] = [
    { name: 'epc', offset: layout.epc },
    ...layout.x.slice(1).map((offset, index) => ({ name: registerNames[index + 1]!, offset })),
    { name: 'status', offset: layout.status },
    { name: 'badaddr', offset: layout.badaddr },
    { name: 'cause', offset: layout.cause },
  ];
  if (layout.origA0 !== undefined) fields.push({ name: 'orig_a0', offset: layout.origA0 });
  if (layout.stackframe !== undefined) {
    fields.push(
      { name: 'stackframe.record.fp', offset: layout.stackframe },
      { name: 'stackframe.record.ra', offset: layout.stackframe + 8 },
      { name: 'stackframe.type', offset: layout.stackframe + 16 },
    );
  }
  return fields.sort((a, b) => a.offset - b.offset);
}
