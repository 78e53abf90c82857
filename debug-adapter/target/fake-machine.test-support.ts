/** A machine that follows a script instead of running code, for tests of the run loop. */
import type {
  CallChain,
  HartView,
  MachineApi,
  MachineExit,
  RunRequest,
  RunStop,
  Text,
  Watchpoint,
} from '../../emulator/api';

export type Script = (request: RunRequest, machine: FakeMachine) => RunStop;

const page = 4096;

export class FakeMachine implements MachineApi {
  instructions = 0;
  time = 0;
  exit: MachineExit | undefined;
  onConsoleOutput: (bytes: Uint8Array) => void = () => undefined;
  readonly deviceTree = new Uint8Array();
  readonly requests: RunRequest[] = [];
  readonly input: number[] = [];
  readonly ram = new Map<number, Uint8Array>();
  breakpoints: readonly bigint[] = [];
  watchpoints: readonly Watchpoint[] = [];
  text: Text | undefined;
  readonly suspended = new Map<bigint, CallChain>();
  readonly harts: readonly FakeHart[];
  script: Script;

  constructor(script: Script, harts = 1) {
    this.script = script;
    this.harts = Array.from({ length: harts }, (_, id) => new FakeHart(id));
  }

  run(request: RunRequest): RunStop {
    this.requests.push(request);
    return this.script(request, this);
  }

  setBreakpoints(addresses: Iterable<bigint>): void {
    this.breakpoints = [...addresses];
  }

  setTrapFilter(): void {
    return;
  }

  setText(text: Text | undefined): void {
    this.text = text;
  }

  setWatchpoints(watchpoints: Iterable<Watchpoint>): void {
    this.watchpoints = [...watchpoints];
  }

  sendConsoleInput(bytes: Uint8Array): void {
    this.input.push(...bytes);
  }

  readonly interrupts = { sources: [], contexts: [], mtimecmp: [] };

  readPhysical(address: number, length: number): Uint8Array | undefined {
    const frame = this.ram.get(Math.floor(address / page));
    return frame?.slice(address % page, (address % page) + length);
  }

  viewPhysical(address: number, length: number): Uint8Array | undefined {
    return this.readPhysical(address, length);
  }

  writePhysical(address: number, data: Uint8Array): boolean {
    const frame = this.ram.get(Math.floor(address / page));
    frame?.set(data, address % page);
    return frame !== undefined;
  }

  suspendedChain(sp: bigint): CallChain | undefined {
    return this.suspended.get(sp);
  }

  digest(): string {
    return '';
  }
}

/** Maps virtual page n to the physical page that `pages` says. */
export class FakeHart implements HartView {
  readonly id: number;
  readonly state = 'running';
  readonly privilege = 1;
  readonly instret = 0;
  readonly lastTrap = undefined;
  callChain: CallChain | undefined;
  readonly bare = false;
  readonly svnapot = true;
  pc = 0n;
  readonly x = new Map<number, bigint>();
  readonly pages = new Map<bigint, number>();

  constructor(id: number) {
    this.id = id;
  }

  getF(): bigint {
    return 0n;
  }
  setF(): void {
    // This hart has no float registers.
  }
  getX(index: number): bigint {
    return this.x.get(index) ?? 0n;
  }

  setX(index: number, value: bigint): void {
    this.x.set(index, value);
  }

  getCsr(): undefined {
    return undefined;
  }

  setCsr(): boolean {
    return false;
  }

  translate(address: bigint): number | undefined {
    const frame = this.pages.get(address / BigInt(page));
    return frame === undefined ? undefined : frame * page + Number(address % BigInt(page));
  }
}
