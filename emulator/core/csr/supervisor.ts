import type { CsrField } from '../../api';
import { Privilege } from '../../api';
import type { Extension } from '../../isa/extensions';
import { legalCacheBlockFields } from '../cache-block-rights';
import type { HartState } from '../hart-state';
import { SSTATUS_BITS, Status, UXL_64 } from '../../isa/status';
import { Interrupt } from '../hart-state';
import { causeFields } from './causes';
import { allCounters, counterFields } from './counters';
import type { Csr } from './definition';
import { floatStatusBits, floatStatusNames, writeFloatStatus } from './float';
import { bit, defineCsr, field, legalVector, supervisorInterruptFields, vectorFields } from './definition';

/** Supervisor-level CSRs (priv 1.13 §11.1). */

/** Fields that menvcfg and senvcfg have alike. */
export const environmentFields: readonly CsrField[] = [
  bit('FIOM', 0, 'Fences of I/O imply memory'),
  field('CBIE', 5, 4, 'What cbo.inval does', { 0: 'it is illegal', 1: 'flushes', 3: 'invalidates' }),
  bit('CBCFE', 6, 'cbo.clean and cbo.flush are not illegal'),
  bit('CBZE', 7, 'cbo.zero is not illegal'),
];

export const sharedStatusFields: readonly CsrField[] = [
  bit('SIE', 1, 'Interrupts enabled in S-mode'),
  bit('SPIE', 5, 'SIE before the last trap into S-mode'),
  bit('SPP', 8, 'Privilege before the last trap into S-mode', { 0: 'user', 1: 'supervisor' }),
  field('FS', 14, 13, 'State of the floating-point unit', floatStatusNames),
  bit('SUM', 18, 'S-mode may load from and store to user pages'),
  bit('MXR', 19, 'Executable pages may be read'),
  field('UXL', 33, 32, 'Register width of U-mode', { 2: '64 bits' }),
  bit('SD', 63, 'The floating-point state is dirty'),
];

const satpModes: Readonly<Record<number, string>> = { 0: 'bare', 8: 'Sv39', 9: 'Sv48', 10: 'Sv57' };
const pagingExtensions: Readonly<Record<number, Extension>> = { 8: 'sv39', 9: 'sv48', 10: 'sv57' };

/** Unsupported modes leave satp as it is (priv 1.13 §11.1.11). */
function writeSatp(state: HartState, value: bigint): void {
  const mode = Number(value >> 60n);
  const extension = pagingExtensions[mode];
  if (mode === 0 || (extension && state.extensions.has(extension))) state.satp = value;
}

const trapVirtualMemory = (state: HartState): boolean =>
  state.privilege === Privilege.supervisor && (state.mstatus & Status.TVM) !== 0;

/** Below M-mode `stimecmp` needs menvcfg.STCE and mcounteren.TM (Sstc §2.1). */
const timerAccessible = (state: HartState): boolean =>
  state.privilege === Privilege.machine || (state.timerIsOwn && (state.mcounteren & 2) !== 0);

export const supervisorCsrs: readonly Csr[] = [
  defineCsr('sstatus', 'Supervisor status', sharedStatusFields, {
    read: (state) => BigInt(state.mstatus & SSTATUS_BITS) | floatStatusBits(state) | UXL_64,
    write: (state, value) => {
      state.mstatus = (state.mstatus & ~SSTATUS_BITS) | (Number(value & 0xffff_ffffn) & SSTATUS_BITS);
      writeFloatStatus(state, value);
    },
    effect: 'translation',
  }),
  defineCsr('sie', 'Interrupts of S-mode enabled one by one', supervisorInterruptFields('E', 'enabled'), {
    read: (state) => BigInt(state.mie & state.mideleg),
    write: (state, value) =>
      (state.mie = (state.mie & ~state.mideleg) | (Number(value & 0xffffn) & state.mideleg)),
    effect: 'interrupts',
  }),
  defineCsr('sip', 'Interrupts of S-mode pending', supervisorInterruptFields('P', 'pending'), {
    read: (state) => BigInt(state.pendingInterrupts & state.mideleg),
    write: (state, value) => {
      const writable = Interrupt.SSI & state.mideleg;
      state.softwareInterrupts =
        (state.softwareInterrupts & ~writable) | (Number(value & 0xffffn) & writable);
    },
    effect: 'interrupts',
  }),
  defineCsr('stvec', 'Where traps into S-mode go', vectorFields, {
    read: (state) => state.stvec,
    write: (state, value) => (state.stvec = legalVector(state.stvec, value)),
  }),
  defineCsr('scounteren', 'Counters that U-mode may read', counterFields, {
    read: (state) => BigInt(state.scounteren),
    write: (state, value) => (state.scounteren = allCounters(value)),
    effect: 'counters',
  }),
  defineCsr('senvcfg', 'Environment of U-mode', environmentFields, {
    read: (state) => state.senvcfg,
    write: (state, value) =>
      (state.senvcfg = legalCacheBlockFields(
        state.senvcfg,
        BigInt.asUintN(32, value & state.legalEnvironment),
      )),
    effect: 'translation',
  }),
  defineCsr('sscratch', 'For the S-mode trap handler', [], {
    read: (state) => state.sscratch,
    write: (state, value) => (state.sscratch = value),
  }),
  defineCsr('sepc', 'pc that the last trap into S-mode interrupted', [], {
    read: (state) => state.sepc,
    write: (state, value) => (state.sepc = value & state.pcMask),
  }),
  defineCsr('scause', 'Cause of the last trap into S-mode', causeFields, {
    read: (state) => state.scause,
    write: (state, value) => (state.scause = value),
  }),
  defineCsr('stval', 'Address or instruction of the last trap into S-mode', [], {
    read: (state) => state.stval,
    write: (state, value) => (state.stval = value),
  }),
  defineCsr('stimecmp', 'Time at which the supervisor timer interrupt becomes pending', [], {
    read: (state) => state.stimecmp,
    write: (state, value) => (state.stimecmp = value),
    effect: 'timer',
    extension: 'sstc',
    accessible: timerAccessible,
  }),
  defineCsr(
    'satp',
    'Address translation',
    [
      field('MODE', 63, 60, 'How addresses are translated', satpModes),
      field('ASID', 59, 44, 'Address space'),
      field('PPN', 43, 0, 'Physical page number of the root page table'),
    ],
    {
      read: (state) => state.satp,
      write: writeSatp,
      effect: 'translation',
      accessible: (state) => !trapVirtualMemory(state),
    },
  ),
];
