/**
 * The seam between a hart (`core/`) and the board around it (`machine.ts`, `devices/`, `firmware/`).
 * A hart knows instructions, CSRs, traps and address translation. The board knows time, devices, who runs when.
 */
import type { HartView, Privilege, RunStop } from '../api';
import type { Timebase } from '../clock';
import type { Fault } from './mmu';

/** Bits of mip/sip that a line from outside can drive (priv 1.13 §3.1.9). */
export const InterruptLine = {
  supervisorSoftware: 1,
  machineSoftware: 3,
  supervisorTimer: 5,
  machineTimer: 7,
  supervisorExternal: 9,
  machineExternal: 11,
} as const;
export type InterruptLine = (typeof InterruptLine)[keyof typeof InterruptLine];

/** What a hart asks of the board. Called from inside a hart's run; must not throw. */
export interface BoardForHart {
  /** Device read at a physical address outside RAM; `undefined` is an access fault. */
  readDevice(hart: number, address: number, size: 1 | 2 | 4 | 8): bigint | undefined;
  /** False is an access fault. */
  writeDevice(hart: number, address: number, size: 1 | 2 | 4 | 8, value: bigint): boolean;
  /** The time as this hart sees it now. */
  time(hart: number): Timebase;
  /**
   * An `ecall` from S-mode (U-mode in a machine without S) that would go to M-mode. True: it was the built-in firmware's and is
   * done, go on after the ecall (unless the hart's state changed). False: deliver the trap. A fault: deliver that instead.
   */
  environmentCall(hart: number): boolean | Fault;
}

/** Why `HartControl.run` came back. */
export type HartStop =
  /** The budget is used up. */
  | { readonly kind: 'budget' }
  /** WFI with nothing pending, or the hart was stopped or suspended by a firmware call. */
  | { readonly kind: 'idle' }
  /** Something the board schedules by has changed: stimecmp written, a device or firmware call that moved a timer or exited. */
  | { readonly kind: 'reschedule' }
  | Extract<RunStop, { kind: 'breakpoint' | 'trap' | 'watch' | 'stray' }>;

/** What the board and the firmware may do with a hart. */
export interface HartControl extends HartView {
  /**
   * Runs at most `budget` steps; the growth of `instret` tells how many it was. A step is an instruction that completed or a
   * trap that was entered (so a guest whose trap handler faults at once still uses up its budget). `run(1)` is a single step.
   * Comes back earlier, as if the budget were used up, once `isEnough` says so.
   */
  run(budget: number, isEnough?: () => boolean): HartStop;
  /**
   * The instruction at the current pc will execute even if its address is a breakpoint. The board calls this on every hart
   * when it continues from a stop. Holds until that instruction has executed once.
   */
  passBreakpoint(): void;
  /** Makes the current `run` return after the instruction at hand. */
  requestExit(): void;
  setInterruptLine(line: InterruptLine, level: boolean): void;
  /** Holds interrupts back (they stay pending) until released. */
  holdInterrupts: boolean;
  /** Sstc compare value in ticks, `undefined` while it is off or all ones. The board raises supervisorTimer when time reaches it. */
  readonly stimecmp: bigint | undefined;
  /** HSM start or power-on: registers as given, all else at its reset value. */
  start(pc: bigint, privilege: Privilege, a0: bigint, a1: bigint): void;
  /** HSM stop: the hart does nothing until `start`. */
  stop(): void;
  /** HSM suspend (retentive): like WFI, resumed by a pending enabled interrupt. */
  suspend(): void;
  /** The 8 bytes at an address, read with the rights and in the address space of the hart's own loads. */
  load(address: bigint): bigint | Fault;
  /** Remote fences. `undefined` means all addresses or all address spaces. Range in bytes. */
  fenceVma(address: bigint | undefined, size: bigint | undefined, asid: number | undefined): void;
  fenceI(): void;
  /** A store by somebody else hit this physical range: drops LR reservations there. `GuestMemory.write` does it for all harts. */
  physicalWrite(address: number, length: number): void;
  /** Registers, CSRs, privilege, reservation: all of the hart that a guest could observe, in a fixed order, for the digest. */
  stateForDigest(): readonly (number | bigint)[];
}

/** A memory-mapped device. Offsets are bytes from `base`. Must not throw; unknown offsets read as zero. */
export interface Device {
  readonly name: string;
  readonly base: number;
  readonly size: number;
  read(hart: number, offset: number, size: 1 | 2 | 4 | 8): bigint;
  write(hart: number, offset: number, size: 1 | 2 | 4 | 8, value: bigint): void;
  /** Everything a guest could observe, for the digest, in a fixed order. */
  state(): readonly (number | bigint)[];
}
