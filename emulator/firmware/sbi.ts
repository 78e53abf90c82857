import type { MachineExit } from '../api';
import type { HartControl } from '../core/api';
import type { GuestMemory } from '../core/guest-memory';

/** Standard error codes (SBI 2.0, "Binary Encoding"). */
export const SbiError = {
  success: 0,
  failed: -1,
  notSupported: -2,
  invalidParam: -3,
  denied: -4,
  invalidAddress: -5,
  alreadyAvailable: -6,
} as const;
export type SbiError = (typeof SbiError)[keyof typeof SbiError];

/** A call as the guest made it: `args` are a0 to a5. */
export interface SbiCall {
  readonly hart: HartControl;
  readonly args: readonly bigint[];
}

/** What goes into a0 and a1. */
export interface SbiResult {
  readonly error: SbiError;
  readonly value: bigint;
}

/** `undefined` is a call that does not return: the hart was stopped, or the machine ended. */
export type SbiFunction = (call: SbiCall) => SbiResult | undefined;

export interface SbiExtension {
  /** The EID. */
  readonly id: number;
  /** By FID, from 0. */
  readonly functions: readonly SbiFunction[];
}

/** What the firmware uses of the board. */
export interface FirmwareHost {
  readonly harts: readonly HartControl[];
  readonly memory: GuestMemory;
  writeConsole(bytes: Uint8Array): void;
  /** The next byte of console input, if there is one. */
  readConsole(): number | undefined;
  end(exit: MachineExit): void;
  /** Makes the supervisor timer interrupt pend on a hart without Sstc from this time on, in ticks, and not before. */
  setTimer(hart: HartControl, deadline: bigint): void;
  /** Reset the hart and let it run in S-mode; lines and the board's timers hold as before. */
  startSupervisor(hart: HartControl, pc: bigint, opaque: bigint): void;
}

export const success = (value = 0n): SbiResult => ({ error: SbiError.success, value });
export const failure = (error: SbiError): SbiResult => ({ error, value: 0n });

/** An `unsigned long` that is an address, a length or an identifier; `undefined` if it is too large to be one. */
export function exactNumber(value: bigint): number | undefined {
  return value < 1n << 52n ? Number(value) : undefined;
}

/** The low half of a register, for parameters that the specification calls 32 bits wide. */
export function word(value: bigint): number {
  return Number(BigInt.asUintN(32, value));
}

/**
 * The harts that a (`hart_mask`, `hart_mask_base`) pair names; `undefined` if one of them does not exist.
 * A base of -1 means all (SBI 2.0, "Hart list parameter").
 */
export function hartList(
  harts: readonly HartControl[],
  mask: bigint,
  base: bigint,
): readonly HartControl[] | undefined {
  if (BigInt.asIntN(64, base) === -1n) return harts;
  const named: HartControl[] = [];
  for (let bit = 0n; bit < 64n; bit++) {
    if (((mask >> bit) & 1n) === 0n) continue;
    const id = base + bit;
    const hart = id < BigInt(harts.length) ? harts[Number(id)] : undefined;
    if (hart === undefined) return undefined;
    named.push(hart);
  }
  return base < BigInt(harts.length) ? named : undefined;
}
