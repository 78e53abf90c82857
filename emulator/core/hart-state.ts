import { Privilege } from '../api';
import type { ExtensionSet } from '../isa/extensions';
import { MPP_SHIFT, Status } from '../isa/status';
import { cacheBlockFields } from './cache-block-rights';
import { Counter } from './counter';
import { Pmp } from './pmp';

/** Bits of mip, mie and their kin (priv 1.13 §3.1.9). */
export const Interrupt = {
  SSI: 1 << 1,
  MSI: 1 << 3,
  STI: 1 << 5,
  MTI: 1 << 7,
  SEI: 1 << 9,
  MEI: 1 << 11,
} as const;
export const SUPERVISOR_INTERRUPTS = Interrupt.SSI | Interrupt.STI | Interrupt.SEI;

/** menvcfg.FIOM: fences of I/O order memory too, which all of them do here. */
const FIOM = 1n;
/** menvcfg.STCE: S-mode has its own timer, `stimecmp` (Sstc). */
export const STCE = 1n << 63n;
/** menvcfg.ADUE: page walks update A and D bits (Svadu). */
export const ADUE = 1n << 61n;
/** menvcfg.PBMTE: page-table entries may have memory types (Svpbmt). */
export const PBMTE = 1n << 62n;

const SATP_SV39 = 8;

const NEVER = (1n << 64n) - 1n;

/** What counts and what tells the time; the hart implements it. */
export interface HartClock {
  /** Instructions retired plus traps taken, before the instruction at hand. */
  readonly steps: number;
  /** Instructions retired before it. */
  readonly retired: number;
  /** 1 while an instruction executes, else 0. */
  readonly inProgress: number;
  readonly time: bigint;
}

/** What CSRs show of the state that generated code works on. */
export interface LiveState {
  /** Without FS. */
  mstatus: number;
  /** mstatus.FS, one of `FloatStatus`. */
  floatStatus: number;
  fcsr: number;
}

/** Everything of a hart but its registers and pc: privilege, CSRs, pending interrupts. Values are as at reset. */
export class HartState {
  readonly id: number;
  readonly clock: HartClock;
  readonly extensions: ExtensionSet;
  /** The bits that addresses of instructions can have. */
  readonly pcMask: bigint;
  /** Svnapot is implemented. */
  readonly napot: boolean;
  /** The bits of menvcfg that exist; of senvcfg the same below bit 32. */
  readonly legalEnvironment: bigint;
  readonly #live: LiveState;
  privilege: Privilege = Privilege.machine;

  medeleg = 0;
  mideleg = 0;
  mie = 0;
  mtvec = 0n;
  mscratch = 0n;
  mepc = 0n;
  mcause = 0n;
  mtval = 0n;
  mcounteren = 0;
  /** What S-mode is to find without firmware that knows of it, as on QEMU. */
  menvcfg: bigint;
  /** mcountinhibit for the counters that count nothing anyway. */
  programmableInhibited = 0;
  readonly mcycle: Counter;
  readonly minstret: Counter;
  readonly pmp = new Pmp();

  stvec = 0n;
  sscratch = 0n;
  sepc = 0n;
  scause = 0n;
  stval = 0n;
  scounteren = 0;
  senvcfg = 0n;
  #satp = 0n;
  /** Levels of page tables, 0 while satp is Bare; the physical address of the root; the address space's number. */
  levels = 0;
  root = 0;
  asid = 0;
  stimecmp = NEVER;

  /** Interrupt lines from outside. */
  lines = 0;
  /** Pending bits that software set through mip or sip. */
  softwareInterrupts = 0;

  constructor(id: number, clock: HartClock, extensions: ExtensionSet, live: LiveState) {
    this.id = id;
    this.clock = clock;
    this.extensions = extensions;
    this.pcMask = extensions.has('c') ? ~1n : ~3n;
    this.napot = extensions.has('svnapot');
    this.legalEnvironment =
      FIOM |
      cacheBlockFields(extensions) |
      (extensions.has('svadu') ? ADUE : 0n) |
      (extensions.has('svpbmt') ? PBMTE : 0n) |
      (extensions.has('sstc') ? STCE : 0n);
    this.menvcfg = this.legalEnvironment & (ADUE | PBMTE);
    this.#live = live;
    this.mcycle = new Counter(
      () => clock.steps,
      () => clock.inProgress,
    );
    this.minstret = new Counter(
      () => clock.retired,
      () => clock.inProgress,
    );
  }

  get mstatus(): number {
    return this.#live.mstatus;
  }

  set mstatus(value: number) {
    this.#live.mstatus = value;
  }

  /** mstatus.FS and fcsr. */
  get float(): Pick<LiveState, 'floatStatus' | 'fcsr'> {
    return this.#live;
  }

  get pendingInterrupts(): number {
    const software = this.timerIsOwn ? this.softwareInterrupts & ~Interrupt.STI : this.softwareInterrupts;
    return this.lines | software;
  }

  /** Sstc is on: the supervisor timer interrupt follows `stimecmp` alone. */
  get timerIsOwn(): boolean {
    return (this.menvcfg & STCE) !== 0n;
  }

  /** Compare value that the board has to watch; `undefined` while there is none. */
  get timerDeadline(): bigint | undefined {
    return this.timerIsOwn && this.stimecmp !== NEVER ? this.stimecmp : undefined;
  }

  /** The privilege that loads and stores have: MPRV lends that of MPP (priv 1.13 §3.1.6.3). */
  get dataPrivilege(): Privilege {
    return this.mstatus & Status.MPRV && this.privilege === Privilege.machine
      ? (((this.mstatus & Status.MPP) >> MPP_SHIFT) as Privilege)
      : this.privilege;
  }

  get satp(): bigint {
    return this.#satp;
  }

  /** Bare, Sv39, Sv48 or Sv57 (priv 1.13 §11.1.11); what the machine lacks is not to come here. */
  set satp(value: bigint) {
    this.#satp = value;
    const mode = Number(value >> 60n);
    this.levels = mode === 0 ? 0 : mode - SATP_SV39 + 3;
    this.root = Number(value & 0xfff_ffff_ffffn) * 4096;
    this.asid = Number((value >> 44n) & 0xffffn);
  }

  get pbmte(): boolean {
    return (this.menvcfg & PBMTE) !== 0n;
  }

  get adue(): boolean {
    return (this.menvcfg & ADUE) !== 0n;
  }

  /** Values that a guest could observe, in a fixed order, without those of `float`. */
  values(): (number | bigint)[] {
    const { privilege, mstatus, medeleg, mideleg, mie, mtvec, mscratch, mepc, mcause, mtval } = this;
    const { mcounteren, menvcfg, stvec, sscratch, sepc, scause, stval, scounteren, senvcfg } = this;
    return [
      ...[privilege, mstatus, medeleg, mideleg, mie, mtvec, mscratch, mepc, mcause, mtval],
      ...[mcounteren, menvcfg, stvec, sscratch, sepc, scause, stval, scounteren, senvcfg],
      ...[this.satp, this.stimecmp, this.lines, this.softwareInterrupts],
      ...[this.mcycle.value, this.minstret.value, this.programmableInhibited, ...this.pmp.values()],
    ];
  }
}
