/**
 * What a debugger needs of a machine. The emulator implements it (`emulator-target.ts`); a gdb remote could.
 * Addresses are unsigned 64-bit `bigint`s as a hart's pc or load would use them.
 */

import type { Watchpoint, WatchHit } from './watchpoint';

/** Of a guest's timebase, which `time` counts. */
export const TICKS_PER_SECOND = 10_000_000;

export type Privilege = 'user' | 'supervisor' | 'machine';

/** A trap that was taken; the hart stands at the handler's first instruction. `cause` as in scause: bit 63 = interrupt. */
export interface Trap {
  readonly hart: number;
  readonly cause: bigint;
  readonly epc: bigint;
  readonly tval: bigint;
  readonly from: Privilege;
  readonly to: Privilege;
}

/** Something that has not been returned from, with the sp at that time. */
export type Transfer =
  | { readonly kind: 'call'; readonly returnAddress: bigint; readonly sp: bigint }
  | { readonly kind: 'trap'; readonly trap: Trap; readonly sp: bigint };

/** A hart or a task started at `pc`, a trap was taken from user mode, or it was too long ago. */
export type ChainOrigin =
  | { readonly kind: 'start'; readonly pc: bigint; readonly sp: bigint }
  | { readonly kind: 'user'; readonly trap: Trap; readonly sp: bigint }
  | { readonly kind: 'lost' };

/** How control came to where it is, as the target recorded it when it happened; innermost first. */
export interface CallChain {
  readonly transfers: readonly Transfer[];
  readonly origin: ChainOrigin;
}

export interface TargetExit {
  readonly kind: 'power-off' | 'reset' | 'test-device' | 'htif';
  readonly code: number;
}

export type TargetStop =
  | { readonly kind: 'breakpoint'; readonly hart: number; readonly pc: bigint }
  | { readonly kind: 'step'; readonly hart: number }
  | { readonly kind: 'trap'; readonly trap: Trap }
  /** The last instruction has made these accesses to what is watched, and has retired. At least one. */
  | { readonly kind: 'watch'; readonly hits: readonly WatchHit[] }
  /**
   * The hart has left the text of `setText`: it stands before the instruction at `pc`. `from` is the address of the one before, `undefined` where that is not
   * known.
   */
  | {
      readonly kind: 'stray';
      readonly hart: number;
      readonly pc: bigint;
      readonly from: bigint | undefined;
    }
  | { readonly kind: 'pause' }
  /** The instruction limit of the launch configuration is reached. */
  | { readonly kind: 'limit' }
  | { readonly kind: 'exit'; readonly exit: TargetExit };

export interface CsrField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly description: string;
  readonly values?: Readonly<Record<number, string>>;
}

export interface CsrDescription {
  readonly address: number;
  readonly name: string;
  readonly description: string;
  readonly fields: readonly CsrField[];
}

export interface Instruction {
  /** 2 or 4 bytes. */
  readonly length: number;
  readonly text: string;
  readonly flow: 'none' | 'branch' | 'jump' | 'call' | 'return' | 'trap';
  /** Absolute target where the instruction alone says it. */
  readonly target?: bigint;
}

export interface TargetHart {
  readonly index: number;
  readonly state: 'running' | 'waiting' | 'stopped' | 'suspended';
  readonly privilege: Privilege;
  /** True while addresses are physical on this hart (before the MMU is on, or in M-mode). */
  readonly bare: boolean;
  /** Entries of page tables may be of 64 KiB ranges (Svnapot). */
  readonly svnapot: boolean;
  /** The same object until the next trap is taken. */
  readonly lastTrap: Trap | undefined;
  /** `undefined` in user mode, and where calls are not recorded. */
  readonly callChain: CallChain | undefined;
  pc: bigint;
  getX(index: number): bigint;
  setX(index: number, value: bigint): void;
  /** Bits of f0 to f31, of a single with ones above it; `undefined` if the hart has no such registers. */
  getF(index: number): bigint | undefined;
  setF(index: number, value: bigint): void;
  getCsr(address: number): bigint | undefined;
  setCsr(address: number, value: bigint): boolean;
  /** The longest readable prefix of the range, in this hart's current address space; empty if nothing is readable. */
  readMemory(address: bigint, length: number): Uint8Array;
  /**
   * The page of 4096 bytes that begins at this address, all of it RAM: not a copy, but to be looked at before the machine runs on or
   * memory is written.
   */
  viewPage(start: bigint): Uint8Array | undefined;
  /** Bytes written: stops at the first page that is not RAM. */
  writeMemory(address: bigint, data: Uint8Array): number;
}

/** What to do until the next stop. */
export type RunRequest = Advance & {
  /**
   * Asked in the midst of the run whether a breakpoint, a trap, a watched access or leaving the text is to end it; false, and the run goes on as if it had not been met. It may
   * read the machine, must leave it as it is, and is to be quick: nothing else is answered meanwhile. Default: each of them is wanted.
   */
  readonly isWanted?: (stop: JudgedStop) => boolean;
};

/** The stops that somebody may not want once he has seen where they are. */
export type JudgedStop = Extract<TargetStop, { kind: 'breakpoint' | 'trap' | 'watch' | 'stray' }>;

/** How far a run goes if nothing stops it. */
type Advance =
  | { readonly kind: 'continue' }
  /**
   * Instruction steps on one hart, other harts keep their turns. After each step `done` is asked (default: at once done).
   * Interrupts are held on that hart unless `interrupts` is true.
   */
  | {
      readonly kind: 'step';
      readonly hart: number;
      readonly done?: (hart: TargetHart) => boolean;
      readonly interrupts?: boolean;
    }
  /**
   * Run until a hart arrives at one of `addresses` with `accept` true (e.g. its sp is that of the frame that is waited for),
   * or anything else stops it. Any hart counts: a task may come back on another one. Interrupts are taken.
   */
  | {
      readonly kind: 'until';
      readonly addresses: readonly bigint[];
      readonly accept: (hart: TargetHart) => boolean;
    };

/** A configuration that cannot become a machine; the message is a sentence that says what to do. */
export class TargetConfigError extends Error {
  override readonly name = 'TargetConfigError';
}

/** Bit n of a mask stands for cause n. */
export interface TrapFilter {
  readonly exceptionsFromUser: bigint;
  readonly exceptionsFromKernel: bigint;
  readonly interrupts: bigint;
}

/** Addresses `[start, end)`. */
export interface AddressRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Where code of S-mode and M-mode is: by where it lies, or by where it is executed, as a pc holds it. Each is enough. */
export interface Text {
  readonly physical: readonly AddressRange[];
  readonly virtual: readonly AddressRange[];
}

/** A wire of a device to the interrupt controller. */
export interface InterruptSource {
  /** Its number, from 1. */
  readonly source: number;
  /** What is at its end: `uart`, `rtc`, `virtio block`. */
  readonly device: string;
  /** 0 (never) to 7. */
  readonly priority: number;
  /** The device asks for attention now. */
  readonly level: boolean;
  readonly pending: boolean;
  /** It was claimed, and that is not completed. */
  readonly inService: boolean;
}

/** A hart in a mode, as the interrupt controller interrupts it. */
export interface InterruptContext {
  readonly hart: number;
  readonly privilege: 'supervisor' | 'machine';
  readonly threshold: number;
  /** Numbers of sources, ascending. */
  readonly enabled: readonly number[];
}

/** State of the devices that interrupt harts. Looking at it changes nothing. */
export interface InterruptState {
  readonly sources: readonly InterruptSource[];
  readonly contexts: readonly InterruptContext[];
  /** The machine timer's deadline of each hart, in ticks of `time`. */
  readonly mtimecmp: readonly bigint[];
}

export interface Target {
  readonly harts: readonly TargetHart[];
  readonly csrs: readonly CsrDescription[];
  readonly running: boolean;
  readonly exit: TargetExit | undefined;
  /** Retired over all harts since power-on. */
  readonly instructions: number;
  /**
   * Runs in slices of a few milliseconds between turns of the event loop. Rejects only if the target already runs or has
   * exited. A console that waits for input does not stop the run and does not burn the host's CPU.
   */
  run(request: RunRequest): Promise<TargetStop>;
  /** Makes a running `run` resolve with `pause` within 10 ms. Does nothing when it does not run. */
  pause(): void;
  /** Replaces the set of breakpoint addresses; allowed while running. */
  setBreakpoints(addresses: Iterable<bigint>): void;
  /** Traps that stop the machine when taken; allowed while running. */
  setTrapFilter(filter: TrapFilter | undefined): void;
  /**
   * Stops a hart before the first instruction that is not text, each time that it comes from text, from user mode or by an interrupt; `undefined` for never. Allowed
   * while running. Where nothing can be fetched there is a trap instead.
   */
  setText(text: Text | undefined): void;
  /** Replaces all watchpoints; allowed while running. They stop continuing and stepping alike, behind the instruction. */
  setWatchpoints(watchpoints: readonly Watchpoint[]): void;
  onConsoleOutput: (bytes: Uint8Array) => void;
  /** Called each time the running machine begins to wait for console input that alone can wake it. */
  onWaiting: () => void;
  sendConsoleInput(bytes: Uint8Array): void;
  /** Bytes of RAM at a physical address; `undefined` unless all are RAM. */
  readonly interrupts: InterruptState;
  readPhysical(address: bigint, length: number): Uint8Array | undefined;
  /** False, with nothing written, unless all of it is RAM. Code that is written is executed as written. */
  writePhysical(address: bigint, data: Uint8Array): boolean;
  /**
   * The chain of a task that no hart executes, by its saved sp. It begins with the call of the function that changed to another task.
   * `undefined` if there is none, and where calls are not recorded.
   */
  suspendedChain(sp: bigint): CallChain | undefined;
  /** Disassembles the instruction at the start of `bytes` (2 or 4 bytes needed). `undefined` for a truncated one. */
  disassemble(bytes: Uint8Array, address: bigint): Instruction | undefined;
  /** ABI name of x0 to x31 (psABI, Integer Register Convention). */
  registerName(index: number): string;
  /** ABI name of f0 to f31. */
  floatRegisterName(index: number): string;
}
