import { Privilege } from '../api';
import { INTERRUPT_CAUSE } from './csr/causes';
import type { HartState } from './hart-state';
import { Interrupt } from './hart-state';
import { MPP_SHIFT, Status } from '../isa/status';

/** Interrupts from the highest to the lowest priority (priv 1.13 §3.1.9). */
const priorities = [
  Interrupt.MEI,
  Interrupt.MSI,
  Interrupt.MTI,
  Interrupt.SEI,
  Interrupt.SSI,
  Interrupt.STI,
] as const;

/** The cause of the interrupt to be taken now, if any. */
export function interruptToTake(state: HartState): bigint | undefined {
  const pending = state.pendingInterrupts & state.mie;
  if (pending === 0) return undefined;
  const { privilege, mstatus, mideleg } = state;
  const machine = privilege < Privilege.machine || mstatus & Status.MIE ? pending & ~mideleg : 0;
  const supervisorEnabled =
    privilege < Privilege.supervisor || (privilege === Privilege.supervisor && mstatus & Status.SIE);
  // Interrupts for M-mode come before all that go to S-mode.
  const takeable = machine !== 0 ? machine : supervisorEnabled ? pending & mideleg : 0;
  const chosen = priorities.find((interrupt) => takeable & interrupt);
  return chosen === undefined ? undefined : INTERRUPT_CAUSE | BigInt(31 - Math.clz32(chosen));
}

/** Enters the handler of a trap at `pc` and returns the handler's address (priv 1.13 §3.1.6.1, §3.1.8, §11.1.1). */
export function enterTrap(state: HartState, pc: bigint, cause: bigint, tval: bigint): bigint {
  const isInterrupt = (cause & INTERRUPT_CAUSE) !== 0n;
  const code = Number(cause & 63n);
  const delegated = isInterrupt ? state.mideleg : state.medeleg;
  const { privilege, mstatus } = state;
  if (privilege !== Privilege.machine && (delegated >> code) & 1) {
    state.sepc = pc;
    state.scause = cause;
    state.stval = tval;
    state.mstatus =
      (mstatus & ~(Status.SPIE | Status.SPP | Status.SIE)) |
      (mstatus & Status.SIE ? Status.SPIE : 0) |
      (privilege === Privilege.supervisor ? Status.SPP : 0);
    state.privilege = Privilege.supervisor;
    return vector(state.stvec, isInterrupt, code);
  }
  state.mepc = pc;
  state.mcause = cause;
  state.mtval = tval;
  state.mstatus =
    (mstatus & ~(Status.MPIE | Status.MPP | Status.MIE)) |
    (mstatus & Status.MIE ? Status.MPIE : 0) |
    (privilege << MPP_SHIFT);
  state.privilege = Privilege.machine;
  return vector(state.mtvec, isInterrupt, code);
}

function vector(register: bigint, isInterrupt: boolean, code: number): bigint {
  const vectored = (register & 1n) !== 0n && isInterrupt;
  return BigInt.asUintN(64, (register & ~3n) + (vectored ? BigInt(4 * code) : 0n));
}

/** Executes `mret` and returns the address to go on at (priv 1.13 §3.3.2). */
export function returnFromMachine(state: HartState): bigint {
  const { mstatus } = state;
  state.privilege = ((mstatus & Status.MPP) >> MPP_SHIFT) as Privilege;
  state.mstatus =
    (mstatus & ~(Status.MIE | Status.MPP)) | (mstatus & Status.MPIE ? Status.MIE : 0) | Status.MPIE;
  if (state.privilege !== Privilege.machine) state.mstatus &= ~Status.MPRV;
  return state.mepc;
}

/** Executes `sret` and returns the address to go on at. */
export function returnFromSupervisor(state: HartState): bigint {
  const { mstatus } = state;
  state.privilege = mstatus & Status.SPP ? Privilege.supervisor : Privilege.user;
  state.mstatus =
    (mstatus & ~(Status.SIE | Status.SPP | Status.MPRV)) |
    (mstatus & Status.SPIE ? Status.SIE : 0) |
    Status.SPIE;
  return state.sepc;
}
