/**
 * What the outside sees of the emulator: types only. `machine.ts` implements {@link MachineApi}.
 *
 * Units: addresses are bytes (`bigint` where they can be virtual, `number` where they are physical and below 2^53),
 * budgets and counts are retired guest instructions, time is in ticks of the 10 MHz timebase.
 */

/** A piece of an image, placed at a physical address. Bytes from `data.length` up to `memorySize` are zero. */
export interface Segment {
  readonly address: number;
  readonly data: Uint8Array;
  readonly memorySize: number;
}

/** What is loaded before the first instruction. `entry` is a physical address. */
export interface BootImage {
  readonly segments: readonly Segment[];
  readonly entry: number;
}

/**
 * The bytes of a disk. All calls are synchronous, since the guest waits for them; false is an I/O error. The emulator asks for whole 512-byte
 * sectors, but for the end of an image that is none: reads stop at `size`, writes may go up to the sector's end.
 */
export interface BlockStore {
  /** Bytes. */
  readonly size: number;
  /** Fills `target` with the bytes from `offset` on. */
  read(offset: number, target: Uint8Array): boolean;
  /** Absent if the disk is read-only. */
  write?(offset: number, data: Uint8Array): boolean;
  /** Makes what was written last. */
  flush?(): boolean;
}

export interface DiskConfig {
  readonly store: BlockStore;
  /** Let the guest write to the store. By default what it writes is kept in memory, and the store stays as it is. */
  readonly write?: boolean;
}

export interface MachineConfig {
  readonly image: BootImage;
  /** Harts, 1 to 8. Default 1. */
  readonly harts?: number;
  /** Bytes of RAM at 0x80000000, a multiple of 4096. Default 128 MiB, at most 2 GiB. */
  readonly memory?: number;
  /**
   * `builtin`: the image starts in S-mode on one hart with SBI 2.0 beneath it, a0 = hart id, a1 = device tree.
   * `none`: every hart starts in M-mode at the image's entry, as QEMU's `-bios none` does.
   * An image: that firmware starts in M-mode on every hart at its entry, a1 = device tree, a2 = fw_dynamic_info.
   */
  readonly firmware?: 'builtin' | 'none' | BootImage;
  /**
   * What the harts execute, as an ISA string such as `rv64imac` or `rv64gc_zba_zbb` (`isa/extensions.ts`). Default: all that
   * is implemented.
   */
  readonly isa?: string;
  readonly initrd?: Uint8Array;
  /** Kernel command line (`/chosen/bootargs`). */
  readonly append?: string;
  /**
   * 64 bits for a kernel that moves itself to a random address (`/chosen/kaslr-seed`). None by default: Linux then stays where it
   * was linked.
   */
  readonly kaslrSeed?: bigint;
  /** A flattened device tree used instead of the one we build; what configures `/chosen` is then not written into it. */
  readonly dtb?: Uint8Array;
  /** Disks, at most 6, in the order in which a guest finds them (`/dev/vda`, `/dev/vdb`). */
  readonly disks?: readonly DiskConfig[];
  /** Milliseconds since 1970 that the real-time clock shows at power-on. Default 2026-01-01T00:00:00Z, so that runs repeat. */
  readonly epoch?: number;
  /** From which all that the entropy device gives follows. Default 0. */
  readonly seed?: bigint;
  /** Hot code is translated to WebAssembly; false leaves all to the interpreter. The guest cannot tell. Default true. */
  readonly translate?: boolean;
  /**
   * Follow what harts call, in S- and M-mode, for `callChain`. Nothing is translated then, and all is slower. The guest cannot tell.
   * Default false.
   */
  readonly recordCalls?: boolean;
  /** Physical address of HTIF's word `tohost` (riscv-tests, Spike), through which a program ends, prints and calls its host. */
  readonly tohost?: number;
  /** That of `fromhost`, where the program finds replies. */
  readonly fromhost?: number;
}

/** Thrown by the machine's constructor only: a configuration that cannot become a machine. The message says what to do. */
export class MachineConfigError extends Error {
  override readonly name = 'MachineConfigError';
}

/** Why the machine will never run again. `code` is 0 for a power-off, else what the guest gave. */
export interface MachineExit {
  readonly kind: 'power-off' | 'reset' | 'test-device' | 'htif';
  readonly code: number;
}

/** Privilege levels with their encoding in `mstatus.MPP` (priv 1.13 §1.2). */
export const Privilege = { user: 0, supervisor: 1, machine: 3 } as const;
export type Privilege = (typeof Privilege)[keyof typeof Privilege];

/** A trap that was taken: the hart now stands at the first instruction of the handler. */
export interface TrapRecord {
  readonly hart: number;
  /** As in `scause`/`mcause`: bit 63 set for interrupts. */
  readonly cause: bigint;
  readonly epc: bigint;
  readonly tval: bigint;
  readonly from: Privilege;
  readonly to: Privilege;
}

/**
 * Something that has not been returned from, with the sp at that time. What a call is the link registers say, as they do for the
 * prediction of return addresses (unpriv §2.5.1): functions that jump to others are none of the chain.
 */
export type Transfer =
  | { readonly kind: 'call'; readonly returnAddress: bigint; readonly sp: bigint }
  | { readonly kind: 'trap'; readonly trap: TrapRecord; readonly sp: bigint };

/**
 * How a chain began:
 * - `start`: a hart, or a task on a stack of its own, started at `pc`;
 * - `user`: by a trap from user mode;
 * - `lost`: deeper than what is kept.
 */
export type ChainOrigin =
  | { readonly kind: 'start'; readonly pc: bigint; readonly sp: bigint }
  | { readonly kind: 'user'; readonly trap: TrapRecord; readonly sp: bigint }
  | { readonly kind: 'lost' };

/** How control came to where it is, as it was recorded when it happened. */
export interface CallChain {
  /** Innermost first. */
  readonly transfers: readonly Transfer[];
  readonly origin: ChainOrigin;
}

/** Which traps stop the machine once they were taken. Bit n of a mask stands for cause n. */
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

/** Where S-mode and M-mode have their code. Each of the two is enough. */
export interface Text {
  /** Code that lies here, at whatever address it is executed. */
  readonly physical: readonly AddressRange[];
  /** Code that is executed here, as a pc holds it. */
  readonly virtual: readonly AddressRange[];
}

/**
 * What accesses of a watchpoint are reported. `change` is a write that leaves other bytes there than were there before. An atomic memory
 * operation reads and writes.
 */
export type WatchedAccess = 'read' | 'write' | 'read-write' | 'change';

/** Watches bytes, or a CSR. The caller chooses `id`, by which hits refer to it. */
export type Watchpoint = MemoryWatchpoint | CsrWatchpoint;

export interface MemoryWatchpoint {
  readonly kind: 'memory';
  readonly id: number;
  /**
   * `virtual`: the address that loads and stores use, in every address space, also where it is physical. Writes of devices have none.
   * `physical`: whatever address the memory, or the register of a device, is reached by, by harts and by devices.
   */
  readonly space: 'virtual' | 'physical';
  readonly address: bigint;
  /** Bytes; the range does not go beyond 2^64. */
  readonly length: number;
  readonly access: WatchedAccess;
}

/**
 * Watches what instructions write to a CSR, or what a write to another CSR changes in it (sstatus is part of mstatus). What traps and their
 * returns change is not reported, nor are the flags that floating-point operations raise.
 */
export interface CsrWatchpoint {
  readonly kind: 'csr';
  readonly id: number;
  readonly csr: number;
  readonly access: 'write' | 'change';
}

/** An access that a watchpoint waits for, after the instruction that made it. */
export type WatchHit = MemoryHit | CsrHit;

/** Who made an access, and when: the hart that ran and the address of its instruction. */
export interface Culprit {
  /** `undefined` where no hart ran, as when console input arrives. */
  readonly hart: number | undefined;
  /** Of the instruction; the hart's pc is behind it. */
  readonly pc: bigint | undefined;
}

export interface MemoryHit extends Culprit {
  readonly kind: 'memory';
  /** Of the watchpoint. */
  readonly id: number;
  /** `device`: DMA, or the host through HTIF. `firmware`: the built-in one, on behalf of the instruction, an ecall. */
  readonly by: 'hart' | 'device' | 'firmware';
  readonly access: 'read' | 'write' | 'read-write';
  /** Where the access began, and its bytes; of one that crosses pages, the part in one page. Without a virtual address it was no hart's. */
  readonly address: bigint | undefined;
  readonly physical: number;
  readonly size: number;
  /** The watched bytes that were accessed, from this offset in the watched range on. */
  readonly offset: number;
  /** What they were before; `undefined` in a device, which cannot be read without consequences. */
  readonly old: Uint8Array | undefined;
  /** What they are after it. For a read the same. */
  readonly new: Uint8Array;
}

export interface CsrHit extends Culprit {
  readonly kind: 'csr';
  readonly id: number;
  /** The CSR that the instruction names. */
  readonly written: number;
  /** What the watched CSR read as, and reads as. */
  readonly old: bigint;
  readonly new: bigint;
}

export interface RunRequest {
  /** At most so many instructions, over all harts. The call may return earlier, never later. */
  readonly budget: number;
  /**
   * Asked between instructions, every so many of them: once it says true the call returns as if the budget were used up. It may
   * look at the host's clock, since nothing that a guest can observe depends on where calls end.
   */
  readonly isEnough?: () => boolean;
  /**
   * Also stop once this hart has completed so many more instructions; entering a trap counts as completing one (the hart
   * then stands at the handler's first instruction). Harts keep their turns meanwhile, so that stepping does not
   * change what the machine does.
   */
  readonly step?: { readonly hart: number; readonly instructions: number };
  /** Keep pending interrupts from being taken on this hart during this call (a timer must not steal a step). */
  readonly holdInterrupts?: number;
  /**
   * Whether harts whose pc is a breakpoint before their first instruction go past it. By default those do that a stop
   * has reported there (breakpoint, trap or step), so that continuing gets on and no hit is lost: a hart that
   * arrived unreported, because another stopped the machine first, stops it now. True: all harts. False: none.
   */
  readonly ignoreBreakpointsAtStart?: boolean;
}

export type RunStop =
  /** The budget is used up, or the step completed. */
  | { readonly kind: 'budget' }
  | { readonly kind: 'step'; readonly hart: number }
  /** The hart's next instruction is at an address of `setBreakpoints`; it has not executed. */
  | { readonly kind: 'breakpoint'; readonly hart: number; readonly pc: bigint }
  | { readonly kind: 'trap'; readonly trap: TrapRecord }
  /** The last instruction has made these accesses, in this order, and has retired. At least one. */
  | { readonly kind: 'watch'; readonly hits: readonly WatchHit[] }
  /**
   * The hart has come to an address outside the text of `setText`, and its memory can be executed; the instruction there has not
   * executed. `from` is the address of the instruction before it, which went there; `undefined` where that is not known, as within a page that
   * is text in part.
   */
  | {
      readonly kind: 'stray';
      readonly hart: number;
      readonly pc: bigint;
      readonly from: bigint | undefined;
    }
  /** All harts wait and no timer will ever wake them: only console input or a debugger can. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'exit'; readonly exit: MachineExit };

/** A field of a CSR, `[high:low]` inclusive, with the names of its values where they have names. */
export interface CsrField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly description: string;
  readonly values?: Readonly<Record<number, string>>;
  /** Name of the field's value where it depends on the rest of the register, which it is given. */
  readonly describe?: (register: bigint) => string | undefined;
}

export interface CsrDefinition {
  readonly address: number;
  readonly name: string;
  readonly description: string;
  readonly fields: readonly CsrField[];
}

export type Access = 'read' | 'write' | 'execute';

/** A hart as a debugger sees it. Nothing here has side effects on the guest but the setters. */
export interface HartView {
  readonly id: number;
  /** HSM-like state. `waiting` is WFI. */
  readonly state: 'running' | 'waiting' | 'stopped' | 'suspended';
  readonly privilege: Privilege;
  /** Steps so far: instructions completed plus traps entered. (The CSR `minstret` counts the former only.) */
  readonly instret: number;
  pc: bigint;
  /** x0 to x31, as unsigned 64-bit values. */
  getX(index: number): bigint;
  setX(index: number, value: bigint): void;
  /** f0 to f31 as 64 bits; those of a single are the lower half under ones. Writing them counts as the guest's doing (mstatus.FS). */
  getF(index: number): bigint;
  setF(index: number, value: bigint): void;
  /** Raw value without permission checks or side effects; `undefined` for a CSR this machine does not have. */
  getCsr(address: number): bigint | undefined;
  /** Writes the legal bits; false if there is no such CSR. */
  setCsr(address: number, value: bigint): boolean;
  /** The last trap this hart took, if any. */
  readonly lastTrap: TrapRecord | undefined;
  /** True while this hart's addresses are physical (M-mode without MPRV, or satp = Bare). */
  readonly bare: boolean;
  /** Entries of page tables may be of 64 KiB ranges (Svnapot). */
  readonly svnapot: boolean;
  /** `undefined` in user mode, and if calls are not recorded. */
  readonly callChain: CallChain | undefined;
  /** Physical address of `address` in the current address space with supervisor rights; `undefined` if not mapped. */
  translate(address: bigint): number | undefined;
}

/** One disassembled instruction. */
export interface Disassembly {
  /** 2 or 4 bytes. */
  readonly length: number;
  /** In objdump's syntax, tabs replaced by one space: `addi sp,sp,-32`. */
  readonly text: string;
  readonly mnemonic: string;
  /** What control flow it is; `none` for the rest. `call` writes a link register. */
  readonly flow: 'none' | 'branch' | 'jump' | 'call' | 'return' | 'trap';
  /** Absolute target where the instruction alone says it. */
  readonly target?: bigint;
}

/** A wire to the interrupt controller. */
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

/** Who the interrupt controller can interrupt: a hart in a mode (PLIC 1.0.0, "Interrupt Targets and Hart Contexts"). */
export interface InterruptContext {
  readonly hart: number;
  readonly privilege: 1 | 3;
  readonly threshold: number;
  /** Numbers of sources, ascending. */
  readonly enabled: readonly number[];
}

/** State of the devices that interrupt harts. Looking at it changes nothing, unlike reading their registers. */
export interface InterruptState {
  readonly sources: readonly InterruptSource[];
  readonly contexts: readonly InterruptContext[];
  /** `mtimecmp` of each hart, in ticks. */
  readonly mtimecmp: readonly bigint[];
}

export interface MachineApi {
  readonly harts: readonly HartView[];
  /** Retired over all harts since power-on. */
  readonly instructions: number;
  /** Virtual time in ticks of the 10 MHz timebase. */
  readonly time: number;
  readonly exit: MachineExit | undefined;
  run(request: RunRequest): RunStop;
  /** Replaces the set of breakpoint addresses. An address is what the hart's pc holds: virtual or physical. */
  setBreakpoints(addresses: Iterable<bigint>): void;
  setTrapFilter(filter: TrapFilter | undefined): void;
  /**
   * Has harts stop outside of the text; `undefined` for nowhere. A hart that comes there from text, from user mode or by an interrupt stops before the
   * first instruction; then it goes on until it comes there once more. What cannot be fetched traps as ever. User mode is not looked at.
   */
  setText(text: Text | undefined): void;
  /**
   * Replaces all watchpoints. Accesses of harts count that loads, stores and atomics make, not fetches and page walks, nor those of the
   * debugger. An access that faults is none.
   */
  setWatchpoints(watchpoints: Iterable<Watchpoint>): void;
  /** Called synchronously with bytes that the guest wrote to its console (UART or SBI). */
  onConsoleOutput: (bytes: Uint8Array) => void;
  /** Queues input bytes; the guest sees them from the current instruction on. */
  sendConsoleInput(bytes: Uint8Array): void;
  /** Bytes of RAM at a physical address; `undefined` unless all are RAM. Devices are never read. */
  readPhysical(address: number, length: number): Uint8Array | undefined;
  /** The same without a copy: to be looked at before the machine runs on, and not to be written. */
  viewPhysical(address: number, length: number): Uint8Array | undefined;
  /** False unless all of it is RAM. Decoded instructions of the range are forgotten. */
  writePhysical(address: number, data: Uint8Array): boolean;
  /**
   * The chain of a task that no hart executes, by its sp when it called the function that changed to another stack. It begins with that
   * call. `undefined` if there is none or it was forgotten, and if calls are not recorded.
   */
  suspendedChain(sp: bigint): CallChain | undefined;
  readonly interrupts: InterruptState;
  /** The device tree handed to the guest. */
  readonly deviceTree: Uint8Array;
  /** A hash of all state that the guest can observe, as lower-case hexadecimal digits: registers, CSRs, devices, memory. */
  digest(): string;
}
