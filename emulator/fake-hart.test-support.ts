import { Privilege, type TrapRecord } from './api';
import type { HartControl, HartStop, InterruptLine } from './core/api';
import type { Fault } from './core/mmu';

/** What a fake hart does with one step. */
export type Step = (hart: FakeHart) => void;

/**
 * A hart without instructions, for tests of the board alone: each step calls a function, and the pc counts steps. It waits
 * after `wait()` until a line is high.
 */
export class FakeHart implements HartControl {
  readonly id: number;
  state: HartControl['state'] = 'running';
  readonly privilege = Privilege.machine;
  instret = 0;
  pc = 0n;
  readonly lastTrap: TrapRecord | undefined;
  readonly callChain = undefined;
  readonly bare = true;
  readonly svnapot = true;
  holdInterrupts = false;
  stimecmp: bigint | undefined;
  readonly lines = new Set<InterruptLine>();
  readonly csrs = new Map<number, bigint>();
  /** What loads find; all else is a page fault. */
  readonly words = new Map<bigint, bigint>();
  readonly absentCsrs = new Set<number>();
  readonly x = new Array<bigint>(32).fill(0n);
  /** Calls of the methods that do nothing here. */
  readonly calls: string[] = [];
  breakpoint: bigint | undefined;
  private readonly step: Step;
  private passing = false;
  private leaving = false;

  constructor(id: number, step: Step = () => undefined) {
    this.id = id;
    this.step = step;
  }

  run(budget: number): HartStop {
    if (this.state === 'waiting' && this.lines.size > 0) this.state = 'running';
    this.leaving = false;
    for (let left = budget; left > 0; left--) {
      if (this.state !== 'running') return { kind: 'idle' };
      if (this.isLeaving()) return { kind: 'reschedule' };
      if (this.pc === this.breakpoint && !this.passing)
        return { kind: 'breakpoint', hart: this.id, pc: this.pc };
      this.passing = false;
      this.instret++;
      this.pc++;
      this.step(this);
    }
    return { kind: 'budget' };
  }

  /** Steps may have asked for it. */
  private isLeaving(): boolean {
    return this.leaving;
  }

  wait(): void {
    if (this.lines.size === 0) this.state = 'waiting';
  }

  passBreakpoint(): void {
    this.passing = true;
  }
  requestExit(): void {
    this.leaving = true;
  }
  setInterruptLine(line: InterruptLine, level: boolean): void {
    if (level) this.lines.add(line);
    else this.lines.delete(line);
  }
  getX(index: number): bigint {
    return this.x[index]!;
  }
  setX(index: number, value: bigint): void {
    this.x[index] = value;
  }
  getF(): bigint {
    return 0n;
  }
  setF(): void {
    this.calls.push('setF');
  }
  getCsr(address: number): bigint | undefined {
    return this.csrs.get(address) ?? 0n;
  }
  setCsr(address: number, value: bigint): boolean {
    if (this.absentCsrs.has(address)) return false;
    this.csrs.set(address, value);
    return true;
  }
  load(address: bigint): bigint | Fault {
    return this.words.get(address) ?? { cause: 13, tval: address };
  }
  start(pc: bigint, privilege: Privilege, a0: bigint, a1: bigint): void {
    this.state = 'running';
    this.calls.push(`start ${pc.toString(16)} ${privilege} ${a0} ${a1.toString(16)}`);
  }
  stop(): void {
    this.state = 'stopped';
  }
  suspend(): void {
    this.state = 'suspended';
  }
  fenceVma(address: bigint | undefined, size: bigint | undefined, asid: number | undefined): void {
    this.calls.push(`fenceVma ${address} ${size} ${asid}`);
  }
  fenceI(): void {
    this.calls.push('fenceI');
  }
  physicalWrite(): void {
    this.calls.push('physicalWrite');
  }
  translate(): undefined {
    return undefined;
  }
  stateForDigest(): readonly (number | bigint)[] {
    return [this.instret, this.pc];
  }
}
