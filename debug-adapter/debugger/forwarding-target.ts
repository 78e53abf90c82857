/** A target that passes everything on to another one, to be extended by those that change something. */
import type {
  CallChain,
  CsrDescription,
  Instruction,
  InterruptState,
  RunRequest,
  Target,
  TargetExit,
  TargetHart,
  TargetStop,
  Text,
  TrapFilter,
} from '../target/target';
import type { Watchpoint } from '../target/watchpoint';

export abstract class ForwardingTarget implements Target {
  readonly harts: readonly TargetHart[];
  readonly csrs: readonly CsrDescription[];
  readonly #target: Target;

  constructor(target: Target) {
    this.harts = target.harts;
    this.csrs = target.csrs;
    this.#target = target;
  }

  run(request: RunRequest): Promise<TargetStop> {
    return this.#target.run(request);
  }

  get running(): boolean {
    return this.#target.running;
  }

  get exit(): TargetExit | undefined {
    return this.#target.exit;
  }

  get instructions(): number {
    return this.#target.instructions;
  }

  get onConsoleOutput(): (bytes: Uint8Array) => void {
    return this.#target.onConsoleOutput;
  }

  set onConsoleOutput(listener: (bytes: Uint8Array) => void) {
    this.#target.onConsoleOutput = listener;
  }

  get onWaiting(): () => void {
    return this.#target.onWaiting;
  }

  set onWaiting(listener: () => void) {
    this.#target.onWaiting = listener;
  }

  pause(): void {
    this.#target.pause();
  }

  setBreakpoints(addresses: Iterable<bigint>): void {
    this.#target.setBreakpoints(addresses);
  }

  setTrapFilter(filter: TrapFilter | undefined): void {
    this.#target.setTrapFilter(filter);
  }

  setText(text: Text | undefined): void {
    this.#target.setText(text);
  }

  setWatchpoints(watchpoints: readonly Watchpoint[]): void {
    this.#target.setWatchpoints(watchpoints);
  }

  sendConsoleInput(bytes: Uint8Array): void {
    this.#target.sendConsoleInput(bytes);
  }

  get interrupts(): InterruptState {
    return this.#target.interrupts;
  }

  readPhysical(address: bigint, length: number): Uint8Array | undefined {
    return this.#target.readPhysical(address, length);
  }

  writePhysical(address: bigint, data: Uint8Array): boolean {
    return this.#target.writePhysical(address, data);
  }

  suspendedChain(sp: bigint): CallChain | undefined {
    return this.#target.suspendedChain(sp);
  }

  disassemble(bytes: Uint8Array, address: bigint): Instruction | undefined {
    return this.#target.disassemble(bytes, address);
  }

  registerName(index: number): string {
    return this.#target.registerName(index);
  }

  floatRegisterName(index: number): string {
    return this.#target.floatRegisterName(index);
  }
}
