/** The emulator as a debugger's target: the run loop, between turns of the host's event loop. */
import type { MachineApi, RunStop } from '../../emulator/api';
import { EmulatorHart, toChain, toTrap } from './emulator-hart';
import { IdlePacer } from './idle-pacer';
import { hostScheduler, type Scheduler } from './scheduler';
import type {
  CallChain,
  CsrDescription,
  Instruction,
  InterruptState,
  JudgedStop,
  RunRequest,
  Target,
  TargetExit,
  TargetHart,
  TargetStop,
  Text,
  TrapFilter,
} from './target';
import type { Watchpoint } from './watchpoint';

export interface EmulatorTargetOptions {
  /** Stop with `limit` once so many instructions have retired since power-on. */
  readonly maxInstructions?: number;
  /** Keep an idle guest near real time (see `IdlePacer`). Off by default: batch runs want to be through. */
  readonly pace?: boolean;
  readonly scheduler?: Scheduler;
}

/** What the emulator knows of the architecture, independent of a machine. */
export interface Architecture {
  readonly csrs: readonly CsrDescription[];
  disassemble(bytes: Uint8Array, address: bigint): Instruction | undefined;
  registerName(index: number): string;
  floatRegisterName(index: number): string;
}

/** What came of a chunk: the run ends, goes on, or rests until the host wakes it. */
type ChunkResult =
  | { readonly kind: 'stop'; readonly stop: TargetStop }
  | { readonly kind: 'go-on' }
  /** `milliseconds` is undefined when only console input or a pause can make a difference. */
  | { readonly kind: 'rest'; readonly milliseconds: number | undefined };

/** A turn of the event loop belongs to the guest for so many milliseconds. */
const TURN = 2;

/**
 * Most instructions between two looks at how time passes in the guest (`IdlePacer`), and at the limit. A guest at full speed needs a fraction
 * of a millisecond for them; a slow one is cut short by the end of its turn.
 */
const CHUNK = 250_000;

const goOn: ChunkResult = { kind: 'go-on' };

export class EmulatorTarget implements Target {
  readonly harts: readonly TargetHart[];
  readonly csrs: readonly CsrDescription[];
  onConsoleOutput: (bytes: Uint8Array) => void = () => undefined;
  onWaiting: () => void = () => undefined;

  readonly #machine: MachineApi;
  readonly #architecture: Architecture;
  readonly #scheduler: Scheduler;
  readonly #limit: number;
  readonly #pacer: IdlePacer | undefined;

  #breakpoints: ReadonlySet<bigint> = new Set();
  /** Addresses of the `until` request that runs. */
  #awaited: ReadonlySet<bigint> = new Set();
  #running = false;
  #pauseRequested = false;
  #wake: (() => void) | undefined;

  constructor(machine: MachineApi, architecture: Architecture, options: EmulatorTargetOptions = {}) {
    this.#machine = machine;
    this.#architecture = architecture;
    this.#scheduler = options.scheduler ?? hostScheduler();
    this.#limit = options.maxInstructions ?? Infinity;
    this.#pacer = options.pace === true ? new IdlePacer() : undefined;
    this.harts = machine.harts.map((hart) => new EmulatorHart(machine, hart));
    this.csrs = architecture.csrs;
    machine.onConsoleOutput = (bytes) => {
      this.#pacer?.restart();
      this.onConsoleOutput(bytes);
    };
  }

  get running(): boolean {
    return this.#running;
  }

  get exit(): TargetExit | undefined {
    return this.#machine.exit;
  }

  get instructions(): number {
    return this.#machine.instructions;
  }

  async run(request: RunRequest): Promise<TargetStop> {
    if (this.#running) throw new Error('The machine runs already.');
    if (this.#machine.exit) throw new Error('The machine has been switched off.');
    this.#running = true;
    this.#pauseRequested = false;
    this.#pacer?.restart();
    this.#await(request.kind === 'until' ? request.addresses : []);
    try {
      return await this.#loop(request);
    } finally {
      this.#running = false;
      this.#await([]);
    }
  }

  pause(): void {
    if (!this.#running) return;
    this.#pauseRequested = true;
    this.#wake?.();
  }

  setBreakpoints(addresses: Iterable<bigint>): void {
    this.#breakpoints = new Set(addresses);
    this.#arm();
  }

  setTrapFilter(filter: TrapFilter | undefined): void {
    this.#machine.setTrapFilter(filter);
  }

  setText(text: Text | undefined): void {
    this.#machine.setText(text);
  }

  setWatchpoints(watchpoints: readonly Watchpoint[]): void {
    this.#machine.setWatchpoints(watchpoints);
  }

  sendConsoleInput(bytes: Uint8Array): void {
    this.#machine.sendConsoleInput(bytes);
    this.#pacer?.restart();
    this.#wake?.();
  }

  get interrupts(): InterruptState {
    const { sources, contexts, mtimecmp } = this.#machine.interrupts;
    return {
      sources,
      contexts: contexts.map((context) => ({
        ...context,
        privilege: context.privilege === 1 ? 'supervisor' : 'machine',
      })),
      mtimecmp,
    };
  }

  readPhysical(address: bigint, length: number): Uint8Array | undefined {
    if (address > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
    return this.#machine.readPhysical(Number(address), length);
  }

  writePhysical(address: bigint, data: Uint8Array): boolean {
    if (address > BigInt(Number.MAX_SAFE_INTEGER)) return false;
    return this.#machine.writePhysical(Number(address), data);
  }

  suspendedChain(sp: bigint): CallChain | undefined {
    return toChain(this.#machine.suspendedChain(sp));
  }

  disassemble(bytes: Uint8Array, address: bigint): Instruction | undefined {
    return this.#architecture.disassemble(bytes, address);
  }

  registerName(index: number): string {
    return this.#architecture.registerName(index);
  }

  floatRegisterName(index: number): string {
    return this.#architecture.floatRegisterName(index);
  }

  #await(addresses: readonly bigint[]): void {
    // Arming costs time by the number of breakpoints, and this is asked at every stop.
    if (addresses.length === 0 && this.#awaited.size === 0) return;
    this.#awaited = new Set(addresses);
    this.#arm();
  }

  #arm(): void {
    this.#machine.setBreakpoints(new Set([...this.#breakpoints, ...this.#awaited]));
  }

  async #loop(request: RunRequest): Promise<TargetStop> {
    // A stop is never reported before the caller had a turn: `run` may be called from inside a message's handler.
    await this.#scheduler.turn();
    for (;;) {
      const result = this.#turn(request);
      if (result.kind === 'stop') return result.stop;
      if (result.kind === 'rest') await this.#rest(result.milliseconds);
      else await this.#scheduler.turn();
    }
  }

  /**
   * Runs chunks until the guest's share of a turn is used up. The machine itself asks for the time: the speed of a guest changes by a factor of a
   * hundred between translated loops and device accesses, so that no number of instructions stands for a time.
   */
  #turn(request: RunRequest): ChunkResult {
    const end = this.#scheduler.now() + TURN;
    const isEnough = () => this.#scheduler.now() >= end;
    for (;;) {
      if (this.#pauseRequested) return { kind: 'stop', stop: { kind: 'pause' } };
      const left = this.#limit - this.#machine.instructions;
      if (left <= 0) return { kind: 'stop', stop: { kind: 'limit' } };
      const result = this.#chunk(request, left, isEnough);
      if (result.kind !== 'go-on' || isEnough()) return result;
    }
  }

  /** Stops that are not wanted are part of a chunk, so that the pacer sees an idle guest as such however often it meets them. */
  #chunk(request: RunRequest, left: number, isEnough: () => boolean): ChunkResult {
    const { instructions: start, time } = this.#machine;
    const end = start + Math.min(this.#pacer?.limit(CHUNK) ?? CHUNK, left);
    const held = heldHart(request);
    for (let at = start; at < end && !isEnough(); at = this.#machine.instructions) {
      const stop = this.#machine.run({
        budget: end - at,
        isEnough,
        ...(request.kind === 'step' && { step: { hart: request.hart, instructions: 1 } }),
        ...(held !== undefined && { holdInterrupts: held }),
      });
      if (stop.kind === 'budget') break;
      const result = this.#stopped(stop, request);
      if (result.kind !== 'go-on') return result;
    }
    const ran = this.#machine.instructions - start;
    const rest = this.#pacer?.sleepAfter(ran, time, this.#machine.time, this.#scheduler.now()) ?? 0;
    return rest >= 1 ? { kind: 'rest', milliseconds: rest } : goOn;
  }

  #stopped(stop: Exclude<RunStop, { kind: 'budget' }>, request: RunRequest): ChunkResult {
    switch (stop.kind) {
      case 'step':
        return this.#stepped(stop.hart, request);
      case 'breakpoint':
        return this.#arrived(stop.hart, stop.pc, request);
      case 'trap':
        return this.#executed({ kind: 'trap', trap: toTrap(stop.trap) }, stop.trap.hart, request);
      case 'watch':
        return this.#executed(stop, stop.hits[0]?.hart, request);
      case 'stray':
        return judged(stop, request);
      case 'exit':
        return { kind: 'stop', stop: { kind: 'exit', exit: stop.exit } };
      case 'waiting':
        this.onWaiting();
        return { kind: 'rest', milliseconds: undefined };
    }
  }

  #stepped(index: number, request: RunRequest): ChunkResult {
    const hart = this.harts[index]!;
    const done = request.kind !== 'step' || (request.done?.(hart) ?? true);
    if (done) return { kind: 'stop', stop: { kind: 'step', hart: index } };
    // A breakpoint in the middle of a statement ends the step before it.
    if (!this.#breakpoints.has(hart.pc)) return goOn;
    return judged({ kind: 'breakpoint', hart: index, pc: hart.pc }, request);
  }

  /** A stop behind what a hart has executed. */
  #executed(stop: JudgedStop, hart: number | undefined, request: RunRequest): ChunkResult {
    const result = judged(stop, request);
    if (result.kind === 'stop' || request.kind !== 'step' || hart !== request.hart) return result;
    // Nobody wants the stop, but the step is complete all the same.
    return this.#stepped(request.hart, request);
  }

  #arrived(index: number, pc: bigint, request: RunRequest): ChunkResult {
    const awaited = request.kind === 'until' && this.#awaited.has(pc);
    if (awaited && request.accept(this.harts[index]!)) {
      return { kind: 'stop', stop: { kind: 'step', hart: index } };
    }
    if (this.#breakpoints.has(pc)) return judged({ kind: 'breakpoint', hart: index, pc }, request);
    // The machine knows that it has reported this one, and passes it.
    return goOn;
  }

  async #rest(milliseconds: number | undefined): Promise<void> {
    if (this.#pauseRequested) return;
    await new Promise<void>((resolve) => {
      const cancel = milliseconds === undefined ? undefined : this.#scheduler.after(milliseconds, resolve);
      this.#wake = () => {
        cancel?.();
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

/** The machine knows that it has reported the place of a stop, and passes it if the run goes on. */
function judged(stop: JudgedStop, { isWanted }: RunRequest): ChunkResult {
  return (isWanted?.(stop) ?? true) ? { kind: 'stop', stop } : goOn;
}

/** The hart that takes no interrupts while a request runs. */
function heldHart(request: RunRequest): number | undefined {
  return request.kind === 'step' && request.interrupts !== true ? request.hart : undefined;
}
