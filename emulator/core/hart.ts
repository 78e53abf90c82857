import type { Privilege, TrapFilter, TrapRecord } from '../api';
import { Privilege as Level } from '../api';
import type { InterpreterImports } from '../wasm/imports';
import type { BoardForHart, HartControl, HartStop, InterruptLine } from './api';
import type { Core } from './core';
import { INTERRUPT_CAUSE } from './csr/causes';
import type { CsrEffect } from './csr/definition';
import { findCsr } from './csr/table';
import { HartState } from './hart-state';
import { createImports } from './imports';
import { MemoryAccess } from './memory-access';
import type { Fault } from './mmu';
import { Mmu } from './mmu';
import { Registers } from './registers';
import { Steps } from './steps';
import { System } from './system';
import { enterTrap, interruptToTake } from './traps';
import type { TranslationCache } from './translation-cache';

/** Most steps in one call of the interpreter: a newly compiled version of it is used from the next call on. */
const LONGEST_CALL = 1 << 18;
/** Ranges of more pages than this are fenced as a whole. */
const MOST_PAGES_FENCED = 64;
const PAGE_MASK = ~0xfffn;

/** One hart: registers, CSRs, address translation, and the loop that runs the interpreter between traps. */
export class Hart implements HartControl {
  readonly id: number;
  state: HartControl['state'] = 'stopped';
  lastTrap: TrapRecord | undefined;
  holdInterrupts = false;
  readonly imports: InterpreterImports;

  readonly #core: Core;
  readonly #board: BoardForHart;
  readonly #registers: Registers;
  readonly #steps: Steps;
  readonly #mmu: Mmu;
  #csrs: HartState;
  /** What `translation` in the registers' block was chosen by has changed. */
  #contextChanged = true;
  #exitRequested = false;
  /** What the present run ends with. */
  #stop: HartStop | undefined;
  /** Breakpoint that is not to stop the hart the next time. */
  #passing: bigint | undefined;

  constructor(id: number, core: Core, board: BoardForHart) {
    this.id = id;
    this.#core = core;
    this.#board = board;
    this.#registers = new Registers(core.registers);
    this.#steps = new Steps(this.#registers);
    this.#csrs = this.#newState();
    this.#mmu = new Mmu(id, core.memory, core.pages, () => this.#csrs);
    this.imports = this.#createImports();
    core.join(this);
  }

  #newState(): HartState {
    const steps = this.#steps;
    const time = () => this.#board.time(this.id);
    return new HartState(this.id, {
      get inProgress() {
        return steps.running ? 1 : 0;
      },
      get steps() {
        return steps.count - this.inProgress;
      },
      get retired() {
        return steps.count - steps.traps - this.inProgress;
      },
      get time() {
        return time();
      },
    });
  }

  #createImports(): InterpreterImports {
    const csrs = () => this.#csrs;
    const system = new System({
      get state() {
        return csrs();
      },
      registers: this.#registers,
      afterCsrWrite: (effect) => this.#afterCsrWrite(effect),
      continueAt: (pc) => {
        this.#registers.pc = pc;
        this.#registers.reservation = 0;
        this.#contextChanged = true;
        this.#steps.abort();
      },
      wait: () => {
        if (!this.#wakes) this.state = 'waiting';
        this.#steps.withdraw();
      },
      fence: (address, asid) => {
        this.#fence(address, asid);
        this.#steps.withdraw();
      },
      environmentCall: () => this.#environmentCall(),
    });
    return createImports({
      core: this.#core,
      registers: this.#registers,
      mmu: this.#mmu,
      access: new MemoryAccess(this.id, this.#core.memory, this.#core.pages, this.#mmu, this.#board),
      system,
      raise: (fault, counted) => this.#raise(fault, counted),
      stopAtBreakpoint: () => this.#stopAtBreakpoint(),
    });
  }

  get cache(): TranslationCache {
    return this.#mmu.cache;
  }

  get privilege(): Privilege {
    return this.#csrs.privilege;
  }

  get instret(): number {
    return this.#steps.count;
  }

  get pc(): bigint {
    return this.#registers.pc;
  }

  set pc(value: bigint) {
    this.#registers.pc = BigInt.asUintN(64, value & ~1n);
  }

  getX(index: number): bigint {
    return this.#registers.getX(index);
  }

  setX(index: number, value: bigint): void {
    this.#registers.setX(index, value);
  }

  getCsr(address: number): bigint | undefined {
    return findCsr(address)?.read(this.#csrs);
  }

  setCsr(address: number, value: bigint): boolean {
    const csr = findCsr(address);
    if (!csr) return false;
    csr.write?.(this.#csrs, BigInt.asUintN(64, value));
    if (csr.effect) this.#afterCsrWrite(csr.effect);
    return true;
  }

  get bare(): boolean {
    const { privilege, dataPrivilege, paging } = this.#csrs;
    return !paging || (privilege === Level.machine && dataPrivilege === Level.machine);
  }

  translate(address: bigint): number | undefined {
    return this.#mmu.inspect(BigInt.asUintN(64, address));
  }

  get stimecmp(): bigint | undefined {
    return this.#csrs.timerDeadline;
  }

  stateForDigest(): readonly (number | bigint)[] {
    const states = ['running', 'waiting', 'stopped', 'suspended'];
    return [states.indexOf(this.state), this.instret, ...this.#registers.values(), ...this.#csrs.values()];
  }

  run(budget: number): HartStop {
    this.#registers.activate();
    this.#exitRequested = false;
    const end = this.instret + budget;
    for (;;) {
      if (this.state !== 'running' && !this.#wake()) return { kind: 'idle' };
      if (this.instret >= end) return { kind: 'budget' };
      const interrupt = this.holdInterrupts ? undefined : interruptToTake(this.#csrs);
      if (interrupt !== undefined) {
        this.#steps.add();
        this.#takeTrap(interrupt, 0n);
      } else {
        this.#execute(Math.min(end - this.instret, LONGEST_CALL));
      }
      const stop = this.#takeStop();
      if (stop) return stop;
    }
  }

  /** Why the run ends here, if it does. */
  #takeStop(): HartStop | undefined {
    const stop = this.#stop ?? (this.#exitRequested ? { kind: 'reschedule' } : undefined);
    this.#stop = undefined;
    return stop;
  }

  #execute(steps: number): void {
    if (this.#contextChanged) {
      this.#registers.translation = this.#mmu.selectSlot();
      this.#contextChanged = false;
    }
    this.#steps.grant(steps);
    this.#steps.running = true;
    this.#core.execute(this);
    this.#steps.running = false;
    this.#steps.withdraw();
  }

  /** True if the hart runs again: an interrupt that is enabled is pending, taken or not (priv 1.13 §3.3.3). */
  #wake(): boolean {
    if (this.state === 'stopped' || !this.#wakes) return false;
    this.state = 'running';
    return true;
  }

  get #wakes(): boolean {
    return (this.#csrs.pendingInterrupts & this.#csrs.mie) !== 0;
  }

  #raise({ cause, tval }: Fault, counted: boolean): void {
    this.#steps.abort();
    if (!counted) this.#steps.add();
    this.#takeTrap(BigInt(cause), tval);
  }

  #takeTrap(cause: bigint, tval: bigint): void {
    const from = this.privilege;
    const epc = this.pc;
    this.#registers.pc = enterTrap(this.#csrs, epc, cause, tval);
    this.#registers.reservation = 0;
    this.#steps.traps++;
    this.#contextChanged = true;
    this.lastTrap = { hart: this.id, cause, epc, tval, from, to: this.privilege };
    if (this.#core.trapFilter && matches(this.#core.trapFilter, this.lastTrap)) {
      this.#stop = { kind: 'trap', trap: this.lastTrap };
    }
  }

  #environmentCall(): boolean {
    const { pc } = this.#registers;
    this.#registers.pc = BigInt.asUintN(64, pc + 4n);
    if (!this.#board.environmentCall(this.id)) {
      this.#registers.pc = pc;
      return false;
    }
    // The firmware may have changed anything, also the pc.
    this.#contextChanged = true;
    this.#steps.abort();
    return true;
  }

  #stopAtBreakpoint(): boolean {
    const { pc } = this;
    if (this.#passing === pc) {
      this.#passing = undefined;
      return false;
    }
    this.#steps.abort();
    this.#stop = { kind: 'breakpoint', hart: this.id, pc };
    return true;
  }

  passBreakpoint(): void {
    this.#passing = this.#core.breakpoints.has(this.pc) ? this.pc : undefined;
  }

  requestExit(): void {
    this.#exitRequested = true;
    this.#leaveInterpreter();
  }

  /** Comes back to the loop of `run` after the instruction at hand. */
  #leaveInterpreter(): void {
    if (this.#steps.running && this.#registers.budget >= 0) this.#steps.withdraw();
  }

  #afterCsrWrite(effect: CsrEffect): void {
    if (effect === 'protection') this.#mmu.cache.flushAll();
    if (effect !== 'interrupts') this.#contextChanged = true;
    if (effect === 'timer') this.#exitRequested = true;
    this.#leaveInterpreter();
  }

  setInterruptLine(line: InterruptLine, level: boolean): void {
    const bit = 1 << line;
    this.#csrs.lines = level ? this.#csrs.lines | bit : this.#csrs.lines & ~bit;
    this.#leaveInterpreter();
  }

  start(pc: bigint, privilege: Privilege, a0: bigint, a1: bigint): void {
    const { lines } = this.#csrs;
    this.#csrs = this.#newState();
    this.#csrs.lines = lines;
    this.#csrs.privilege = privilege;
    // Below M-mode the board's firmware runs beneath, and it protects nothing.
    if (privilege !== Level.machine) this.#csrs.pmp.openAll();
    this.#registers.clear();
    this.pc = pc;
    this.setX(A0, a0);
    this.setX(A1, a1);
    this.#mmu.cache.flushAll();
    this.#contextChanged = true;
    this.state = 'running';
  }

  stop(): void {
    this.state = 'stopped';
    this.#leaveInterpreter();
  }

  suspend(): void {
    this.state = 'suspended';
    this.#leaveInterpreter();
  }

  fenceVma(address: bigint | undefined, size: bigint | undefined, asid: number | undefined): void {
    const start = (address ?? 0n) & PAGE_MASK;
    const end = address === undefined || size === undefined ? undefined : address + size;
    if (end === undefined || end - start > BigInt(MOST_PAGES_FENCED * 4096)) {
      this.#fence(undefined, asid);
    } else {
      for (let page = start; page < end; page += 4096n) this.#fence(page, asid);
    }
    this.#leaveInterpreter();
  }

  #fence(address: bigint | undefined, asid: number | undefined): void {
    const page = address === undefined ? undefined : BigInt.asIntN(64, address & PAGE_MASK);
    this.#mmu.cache.fence(page, asid);
    this.#contextChanged = true;
  }

  fenceI(): void {
    // Decoded code never lags behind memory: see `DecodedPages`.
  }

  physicalWrite(address: number, length: number): void {
    const { reservation } = this.#registers;
    if (reservation === 0) return;
    const start = this.#core.memory.hostAddress(address);
    const reserved = reservation & ~7;
    if (reserved + 8 > start && reserved < start + length) this.#registers.reservation = 0;
  }
}

const A0 = 10;
const A1 = 11;

function matches(filter: TrapFilter, { cause, from }: TrapRecord): boolean {
  const code = 1n << (cause & 63n);
  if (cause & INTERRUPT_CAUSE) return (filter.interrupts & code) !== 0n;
  const wanted = from === Level.user ? filter.exceptionsFromUser : filter.exceptionsFromKernel;
  return (wanted & code) !== 0n;
}
