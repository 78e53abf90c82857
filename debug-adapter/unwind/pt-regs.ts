/** `struct pt_regs` of RISC-V Linux as an object in memory. */
import { RegisterList } from './registers';
import type { KnownRegisters, PtRegsLayout, ReadMemory } from './types';

/** Previous privilege: SPP in an S-mode kernel's sstatus, MPP in an M-mode kernel's mstatus (priv 1.13 §3.1.6). */
const previousPrivilege = 0x1900n;

/**
 * The layout of Linux 7.3 for RV64, with the metadata series' `stackframe` as last member: for kernels without debug
 * information only, `source` says so.
 */
export const constantPtRegsLayout: PtRegsLayout = {
  size: 312,
  epc: 0,
  x: Array.from({ length: 32 }, (_, index) => 8 * index),
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
