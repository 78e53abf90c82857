import type { CallChain, HartView, TrapRecord } from '../api';
import { Privilege } from '../api';
import type { Timebase } from '../clock';
import { FloatStatus } from '../wasm/layout';
import type { Core } from './core';
import type { CsrEffect } from './csr/definition';
import { findCsr } from './csr/table';
import { HartState } from './hart-state';
import { Mmu } from './mmu';
import { Registers } from './registers';
import { StepClock } from './step-clock';
import { Steps } from './steps';
import type { TranslationCache } from './translation-cache';

/** The state of a hart, and the debugger's view of it. What changes it as the guest runs is in `Hart`. */
export abstract class InspectableHart implements HartView {
  readonly id: number;
  state: HartView['state'] = 'stopped';
  lastTrap: TrapRecord | undefined;
  abstract readonly callChain: CallChain | undefined;

  protected readonly registers: Registers;
  protected readonly steps: Steps;
  protected readonly clock: StepClock;
  protected readonly mmu: Mmu;
  /** Replaced by one that is as at reset when the hart starts. */
  protected csrs: HartState;

  constructor(id: number, core: Core, time: () => Timebase) {
    this.id = id;
    this.registers = new Registers(core.registers);
    this.steps = new Steps(this.registers);
    this.clock = new StepClock(this.steps, time);
    this.csrs = new HartState(id, this.clock, core.extensions, this.registers);
    this.mmu = new Mmu(id, core.memory, core.pages, this.registers, () => this.csrs, core.watch);
  }

  /** A CSR with this effect was written, by the guest or by a debugger. */
  protected abstract afterCsrWrite(effect: CsrEffect): void;

  get cache(): TranslationCache {
    return this.mmu.cache;
  }

  get privilege(): Privilege {
    return this.csrs.privilege;
  }

  get instret(): number {
    return this.steps.count;
  }

  get pc(): bigint {
    return this.registers.pc;
  }

  set pc(value: bigint) {
    this.registers.pc = BigInt.asUintN(64, value & ~1n);
  }

  getX(index: number): bigint {
    return this.registers.getX(index);
  }

  setX(index: number, value: bigint): void {
    this.registers.setX(index, value);
  }

  getF(index: number): bigint {
    return this.registers.getF(index);
  }

  setF(index: number, value: bigint): void {
    this.registers.setF(index, value);
    if (this.registers.floatStatus !== FloatStatus.off) this.registers.floatStatus = FloatStatus.dirty;
  }

  getCsr(address: number): bigint | undefined {
    return findCsr(address, this.csrs.extensions)?.read(this.csrs);
  }

  setCsr(address: number, value: bigint): boolean {
    const csr = findCsr(address, this.csrs.extensions);
    if (!csr) return false;
    csr.write?.(this.csrs, BigInt.asUintN(64, value));
    if (csr.effect) this.afterCsrWrite(csr.effect);
    return true;
  }

  get bare(): boolean {
    const { privilege, dataPrivilege, levels } = this.csrs;
    return levels === 0 || (privilege === Privilege.machine && dataPrivilege === Privilege.machine);
  }

  get svnapot(): boolean {
    return this.csrs.napot;
  }

  translate(address: bigint): number | undefined {
    return this.mmu.inspect(BigInt.asUintN(64, address));
  }

  get stimecmp(): bigint | undefined {
    return this.csrs.timerDeadline;
  }

  stateForDigest(): readonly (number | bigint)[] {
    const states = ['running', 'waiting', 'stopped', 'suspended'];
    return [states.indexOf(this.state), this.instret, ...this.registers.values(), ...this.csrs.values()];
  }
}
