import type { CallChain } from '../api';
import { Privilege } from '../api';
import type { InterpreterImports } from '../wasm/imports';
import { AccessWatch } from './access-watch';
import type { BoardForHart, HartControl, HartStop, InterruptLine } from './api';
import { CacheBlockField, mayUseCacheBlocks } from './cache-block-rights';
import { CallArea } from './call-area';
import { CallRecorder } from './call-recorder';
import type { Core } from './core';
import { mayReadTime } from './csr/counters';
import type { CsrEffect } from './csr/definition';
import { HartState } from './hart-state';
import { createImports } from './imports';
import { InspectableHart } from './inspectable-hart';
import { MemoryAccess } from './memory-access';
import type { Fault } from './mmu';
import { quietStatus } from './quiet-status';
import { RunEnd } from './run-end';
import { System } from './system';
import { enterTrap, interruptToTake } from './traps';
import { highWord, lowWord } from './words';

/** Most steps in one call of the interpreter: a newly compiled version of it is used from the next call on. */
const LONGEST_CALL = 1 << 18;

/** Most accesses to devices in one call: they take a microsecond each, so that a loop around one would make a call last long. */
const MOST_DEVICE_ACCESSES = 256;

/** One hart at work: the loop that runs the interpreter between traps, and what the board and the firmware do to it. */
export class Hart extends InspectableHart implements HartControl {
  holdInterrupts = false;
  readonly imports: InterpreterImports;

  readonly #core: Core;
  readonly #board: BoardForHart;
  readonly #access: MemoryAccess;
  readonly #watch: AccessWatch;
  /** What `translation` in the registers' block was chosen by has changed. */
  #contextChanged = true;
  readonly #end = new RunEnd();
  /** Fewer while code runs that is not translated: where the interpreter stands then shows what is hot. */
  #longestCall: number;
  /** In the call at hand. */
  #deviceAccesses = 0;
  /** Absent if calls are not recorded. */
  readonly #calls: CallRecorder | undefined;

  constructor(id: number, core: Core, board: BoardForHart) {
    super(id, core, () => board.time(id));
    this.#core = core;
    this.#board = board;
    this.#longestCall = core.translator?.sampleSteps ?? LONGEST_CALL;
    this.#watch = this.#createWatch();
    const devices: Pick<BoardForHart, 'readDevice' | 'writeDevice'> = {
      readDevice: (hart, address, size) => {
        this.#countDeviceAccess();
        return board.readDevice(hart, address, size);
      },
      writeDevice: (hart, address, size, value) => {
        this.#countDeviceAccess();
        return board.writeDevice(hart, address, size, value);
      },
    };
    this.#access = new MemoryAccess(id, core, this.mmu, devices, this.#watch);
    this.#calls = core.calls && new CallRecorder(new CallArea(id, core.memory, this.registers), core.calls);
    this.imports = this.#createImports();
    core.join(this);
  }

  #createWatch(): AccessWatch {
    const pc = () => this.pc;
    return new AccessWatch(this.#core.watch, {
      id: this.id,
      get pc() {
        return pc();
      },
      comeBack: () => this.comeBack(),
      cameNear: () => {
        const { pcHigh, pcLow } = this.registers;
        const page = this.mmu.cache.findFetch(pcHigh, pcLow);
        if (page !== undefined) this.#core.translator?.cameNearWatched(page, pcLow & 0xfff);
      },
    });
  }

  #createImports(): InterpreterImports {
    const csrs = () => this.csrs;
    const system = new System({
      get state() {
        return csrs();
      },
      registers: this.registers,
      afterCsrWrite: (effect) => this.afterCsrWrite(effect),
      continueAt: (pc, level) => {
        this.#end.came(this.registers.pc, pc, this.instret);
        this.registers.pc = pc;
        this.#calls?.trapReturned(pc, level, this.privilege);
        this.registers.reservation = 0;
        this.#contextChanged = true;
        this.steps.abort();
      },
      wait: () => {
        if (!this.#wakes) this.state = 'waiting';
        this.steps.withdraw();
      },
      fence: (page, asid) => {
        this.mmu.cache.fence(page, asid);
        // The interpreter goes on in this slot, and finds its own page anew.
        this.mmu.selectSlot();
        this.#updateQuietStatus();
      },
      environmentCall: () => this.#environmentCall(),
      access: this.#access,
      watch: this.#watch,
    });
    return createImports({
      core: this.#core,
      registers: this.registers,
      mmu: this.mmu,
      access: this.#access,
      system,
      calls: this.#calls,
      raise: (fault, counted) => this.#raise(fault, counted),
      comeBack: () => this.#leaveInterpreter(),
      stopAtBreakpoint: () => this.#stopAtBreakpoint(),
      noteOrigin: () => this.#noteOrigin(),
      stopAstray: (physical) => this.#stopAstray(physical),
      get privilege() {
        return csrs().privilege;
      },
    });
  }

  get callChain(): CallChain | undefined {
    return this.#calls?.chain;
  }

  run(budget: number, isEnough?: () => boolean): HartStop {
    this.registers.activate();
    this.#end.begin();
    const end = this.instret + budget;
    for (;;) {
      if (this.state !== 'running' && !this.#wake()) return { kind: 'idle' };
      if (this.instret >= end) return { kind: 'budget' };
      const interrupt = this.holdInterrupts ? undefined : interruptToTake(this.csrs);
      if (interrupt !== undefined) {
        this.steps.add();
        this.#takeTrap(interrupt, 0n);
      } else {
        this.#execute(Math.min(end - this.instret, this.#longestCall));
        const { hits } = this.#core.watch;
        if (hits.any) this.#end.watched(hits.take());
      }
      const stop = this.#end.take();
      if (stop) return stop;
      if (isEnough?.()) return { kind: 'budget' };
    }
  }

  #execute(steps: number): void {
    if (this.#core.pages.hasRetiring) this.#core.pages.retire();
    this.#core.translator?.rewriteStale();
    if (this.#contextChanged) {
      this.mmu.selectSlot();
      this.registers.zeroesBlocks = mayUseCacheBlocks(this.csrs, CacheBlockField.CBZE);
      this.registers.readsTime = mayReadTime(this.csrs);
      this.#contextChanged = false;
    }
    this.#updateQuietStatus();
    this.steps.grant(steps);
    this.registers.setTime(this.#board.time(this.id));
    this.steps.running = true;
    this.registers.ranOutAt = 0;
    this.#deviceAccesses = 0;
    const before = this.instret;
    this.#core.execute(this);
    this.steps.running = false;
    this.steps.withdraw();
    // The steps may have been used up before a page was asked for.
    this.#noteOrigin();
    const place = this.registers.ranOutAt;
    if (place === 0) return;
    const { translator } = this.#core;
    if (!translator) return;
    const isTranslated = translator.sample(place, this.registers.arrivedAt, this.instret - before);
    this.#longestCall = isTranslated ? Math.min(this.#longestCall * 2, LONGEST_CALL) : translator.sampleSteps;
  }

  #countDeviceAccess(): void {
    if (++this.#deviceAccesses === MOST_DEVICE_ACCESSES) this.#leaveInterpreter();
  }

  #updateQuietStatus(): void {
    this.registers.quietStatus = this.#core.watch.watchesStatus
      ? 0
      : quietStatus(this.csrs, this.registers.knowsSlots);
  }

  /** True if the hart runs again: an interrupt that is enabled is pending, taken or not (priv 1.13 §3.3.3). */
  #wake(): boolean {
    if (this.state === 'stopped' || !this.#wakes) return false;
    this.state = 'running';
    return true;
  }

  get #wakes(): boolean {
    return (this.csrs.pendingInterrupts & this.csrs.mie) !== 0;
  }

  #raise({ cause, tval }: Fault, counted: boolean): void {
    this.steps.abort();
    if (!counted) this.steps.add();
    this.#takeTrap(BigInt(cause), tval);
  }

  #takeTrap(cause: bigint, tval: bigint): void {
    const from = this.privilege;
    const epc = this.pc;
    this.registers.pc = enterTrap(this.csrs, epc, cause, tval);
    this.registers.reservation = 0;
    this.steps.traps++;
    this.#contextChanged = true;
    this.lastTrap = { hart: this.id, cause, epc, tval, from, to: this.privilege };
    this.#calls?.trapTaken(this.lastTrap);
    this.#end.trapTaken(this.lastTrap, this.#core.trapFilter);
  }

  #environmentCall(): boolean | Fault {
    const { pc } = this.registers;
    this.registers.pc = BigInt.asUintN(64, pc + 4n);
    const answer = this.#board.environmentCall(this.id);
    if (answer !== true) {
      this.registers.pc = pc;
      return answer;
    }
    // The firmware may have changed anything, also the pc.
    this.#contextChanged = true;
    this.steps.abort();
    return true;
  }

  #stopAtBreakpoint(): boolean {
    const stops = this.#end.stopAtBreakpoint(this.id, this.pc);
    if (stops) this.steps.abort();
    return stops;
  }

  /** Remembers from where control has come to the pc, if that was noted. */
  #noteOrigin(): void {
    if (this.#core.text.isJudged) {
      const { origin } = this.registers;
      if (origin) this.#end.came(this.#core.pages.regions.originOf(origin), this.pc, this.instret);
    }
    this.registers.forgetOrigin();
  }

  #stopAstray(physical: number): boolean {
    if (this.privilege === Privilege.user || this.#core.text.has(this.pc, physical)) return false;
    const stops = this.#end.stopAstray(this.id, this.pc, this.instret);
    if (stops) this.steps.abort();
    return stops;
  }

  passBreakpoint(): void {
    this.#end.pass(this.pc, this.#core.breakpoints);
  }

  /** Comes back to the loop of `run` after the instruction at hand. */
  comeBack(): void {
    this.#leaveInterpreter();
  }

  requestExit(): void {
    this.#end.request();
    this.#leaveInterpreter();
  }

  #leaveInterpreter(): void {
    if (this.steps.running && this.registers.budget >= 0) this.steps.withdraw();
  }

  protected afterCsrWrite(effect: CsrEffect): void {
    this.#updateQuietStatus();
    if (effect === 'timer' || effect === 'environment') this.#end.request();
    if (effect === 'protection' || effect === 'environment') this.mmu.cache.flushAll();
    // Most writes of sstatus only switch interrupts off: then nothing is to be looked at anew.
    if (effect === 'counters' || (effect !== 'interrupts' && !this.mmu.isSlotCurrent()))
      this.#contextChanged = true;
    else if (effect !== 'timer' && interruptToTake(this.csrs) === undefined) return;
    this.#leaveInterpreter();
  }

  setInterruptLine(line: InterruptLine, level: boolean): void {
    const bit = 1 << line;
    this.csrs.lines = level ? this.csrs.lines | bit : this.csrs.lines & ~bit;
    this.#leaveInterpreter();
  }

  start(pc: bigint, privilege: Privilege, a0: bigint, a1: bigint): void {
    const { lines } = this.csrs;
    this.csrs = new HartState(this.id, this.clock, this.#core.extensions, this.registers);
    this.csrs.lines = lines;
    this.csrs.privilege = privilege;
    // Below M-mode the board's firmware runs beneath, and it protects nothing.
    if (privilege !== Privilege.machine) this.csrs.pmp.openAll();
    this.registers.clear();
    // Registers of 32 bits hold nothing but singles.
    if (!this.csrs.extensions.has('d')) this.registers.boxSingles();
    this.pc = pc;
    this.setX(A0, a0);
    this.setX(A1, a1);
    this.#calls?.started(pc);
    this.mmu.cache.flushAll();
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

  load(address: bigint): bigint | Fault {
    const load = () => this.#access.load(highWord(address), lowWord(address), 'i64');
    return this.#watch.without(load) ?? this.#core.registers.exchange.value;
  }

  fenceVma(address: bigint | undefined, size: bigint | undefined, asid: number | undefined): void {
    this.mmu.cache.fenceRange(address, size, asid);
    this.#contextChanged = true;
    this.#leaveInterpreter();
  }

  fenceI(): void {
    // Decoded code never lags behind memory: see `DecodedPages`.
  }

  physicalWrite(address: number, length: number): void {
    const { reservation } = this.registers;
    if (reservation === 0) return;
    const start = this.#core.memory.hostAddress(address);
    const reserved = reservation & ~7;
    if (reserved + 8 > start && reserved < start + length) this.registers.reservation = 0;
  }
}

const A0 = 10;
const A1 = 11;
