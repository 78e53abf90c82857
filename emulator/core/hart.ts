import type { Privilege, TrapRecord } from '../api';
import type { BoardForHart, HartControl, HartStop, InterruptLine } from './api';
import type { Core } from './core';

/** One hart: registers, CSRs and what runs it. */
export class Hart implements HartControl {
  readonly id: number;
  state: HartControl['state'] = 'stopped';
  privilege: Privilege = 3;
  instret = 0;
  pc = 0n;
  lastTrap: TrapRecord | undefined;
  bare = true;
  holdInterrupts = false;
  stimecmp: bigint | undefined;

  constructor(id: number, _core: Core, _board: BoardForHart) {
    this.id = id;
  }

  getX(_index: number): bigint {
    return 0n;
  }
  setX(_index: number, _value: bigint): void {
    return;
  }
  getCsr(_address: number): bigint | undefined {
    return undefined;
  }
  setCsr(_address: number, _value: bigint): boolean {
    return false;
  }
  translate(_address: bigint): number | undefined {
    return undefined;
  }
  run(_budget: number): HartStop {
    return { kind: 'budget' };
  }
  /**
   * The next instruction executes even if its address is a breakpoint. Called by the board on every hart
   * when the user continues from a stop.
   */
  passBreakpoint(): void {
    return;
  }
  requestExit(): void {
    return;
  }
  setInterruptLine(_line: InterruptLine, _level: boolean): void {
    return;
  }
  start(_pc: bigint, _privilege: Privilege, _a0: bigint, _a1: bigint): void {
    return;
  }
  stop(): void {
    return;
  }
  suspend(): void {
    return;
  }
  fenceVma(_address: bigint | undefined, _size: bigint | undefined, _asid: number | undefined): void {
    return;
  }
  fenceI(): void {
    return;
  }
  physicalWrite(_address: number, _length: number): void {
    return;
  }
  /** Registers, CSRs, privilege, reservation: what the guest could observe, in a fixed order, for the digest. */
  stateForDigest(): readonly (number | bigint)[] {
    return [];
  }
}
