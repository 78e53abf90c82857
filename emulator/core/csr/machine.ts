import type { CsrField } from '../../api';
import { misaOf } from '../../isa/extensions';
import { legalCacheBlockFields } from '../cache-block-rights';
import type { HartState } from '../hart-state';
import { MPP_SHIFT, Status, UXL_64 } from '../../isa/status';
import { Interrupt, SUPERVISOR_INTERRUPTS } from '../hart-state';
import { causeFields, delegationFields } from './causes';
import type { Csr } from './definition';
import { bit, defineCsr, field, interruptFields, legalVector, vectorFields } from './definition';
import { floatStatusBits, writeFloatStatus } from './float';
import { environmentFields, sharedStatusFields } from './supervisor';

/** Machine-level CSRs (priv 1.13 §3.1) except counters and PMP. */

const SXL_64 = 2n << 34n;

const STATUS_BITS = Object.values(Status).reduce((bits, mask) => bits | mask, 0);
const DELEGABLE_EXCEPTIONS = 0xb3ff;
const ALL_INTERRUPTS = Object.values(Interrupt).reduce((bits, mask) => bits | mask, 0);

const xlen = { 2: '64 bits' };
const privilegeNames = { 0: 'user', 1: 'supervisor', 3: 'machine' };

const statusFields: readonly CsrField[] = [
  ...sharedStatusFields,
  bit('MIE', 3, 'Interrupts enabled in M-mode'),
  bit('MPIE', 7, 'MIE before the last trap into M-mode'),
  field('MPP', 12, 11, 'Privilege before the last trap into M-mode', privilegeNames),
  bit('MPRV', 17, 'Loads and stores in M-mode act with the privilege in MPP'),
  bit('TVM', 20, 'satp and sfence.vma trap in S-mode'),
  bit('TW', 21, 'wfi traps below M-mode'),
  bit('TSR', 22, 'sret traps in S-mode'),
  field('SXL', 35, 34, 'Register width of S-mode', xlen),
];

function writeStatus(state: HartState, value: bigint): void {
  const bits = Number(value & 0xffff_ffffn) & STATUS_BITS;
  const mpp = (bits & Status.MPP) >> MPP_SHIFT;
  const reserved = mpp === 2;
  writeFloatStatus(state, value);
  state.mstatus = reserved ? (bits & ~Status.MPP) | (state.mstatus & Status.MPP) : bits;
}

function writePending(state: HartState, value: bigint): void {
  state.softwareInterrupts = Number(value & 0xffffn) & SUPERVISOR_INTERRUPTS;
}

/** A register whose value never changes. */
const constant = (name: string, description: string, value: (state: HartState) => bigint): Csr =>
  defineCsr(name, description, [], { read: value });

export const machineCsrs: readonly Csr[] = [
  constant('mvendorid', 'JEDEC identity of the manufacturer: none', () => 0n),
  constant('marchid', 'Microarchitecture: none', () => 0n),
  constant('mimpid', 'Version of the implementation: none', () => 0n),
  constant('mhartid', 'Number of this hart', (state) => BigInt(state.id)),
  constant('mconfigptr', 'Address of a configuration structure: none', () => 0n),
  defineCsr(
    'misa',
    'Base width and extensions',
    [field('MXL', 63, 62, 'Register width of M-mode', xlen), field('Extensions', 25, 0, 'Bit n: letter n')],
    { read: ({ extensions }) => misaOf(extensions), write: () => undefined },
  ),
  defineCsr('mstatus', 'Machine status', statusFields, {
    read: (state) => BigInt(state.mstatus) | floatStatusBits(state) | UXL_64 | SXL_64,
    write: writeStatus,
    effect: 'translation',
  }),
  defineCsr('medeleg', 'Exceptions that go to S-mode', delegationFields, {
    read: (state) => BigInt(state.medeleg),
    write: (state, value) => (state.medeleg = Number(value & 0xffffn) & DELEGABLE_EXCEPTIONS),
  }),
  defineCsr('mideleg', 'Interrupts that go to S-mode', interruptFields('P', 'delegated'), {
    read: (state) => BigInt(state.mideleg),
    write: (state, value) => (state.mideleg = Number(value & 0xffffn) & SUPERVISOR_INTERRUPTS),
    effect: 'interrupts',
  }),
  defineCsr('mie', 'Interrupts enabled one by one', interruptFields('E', 'enabled'), {
    read: (state) => BigInt(state.mie),
    write: (state, value) => (state.mie = Number(value & 0xffffn) & ALL_INTERRUPTS),
    effect: 'interrupts',
  }),
  defineCsr('mip', 'Interrupts pending', interruptFields('P', 'pending'), {
    read: (state) => BigInt(state.pendingInterrupts),
    // Else firmware that sets STIP would latch an external interrupt for good (priv 1.13 §3.1.9).
    readForUpdate: (state) => BigInt(state.softwareInterrupts),
    write: writePending,
    effect: 'interrupts',
  }),
  defineCsr('mtvec', 'Where traps into M-mode go', vectorFields, {
    read: (state) => state.mtvec,
    write: (state, value) => (state.mtvec = legalVector(state.mtvec, value)),
  }),
  defineCsr('mscratch', 'For the M-mode trap handler', [], {
    read: (state) => state.mscratch,
    write: (state, value) => (state.mscratch = value),
  }),
  defineCsr('mepc', 'pc that the last trap into M-mode interrupted', [], {
    read: (state) => state.mepc,
    write: (state, value) => (state.mepc = value & state.pcMask),
  }),
  defineCsr('mcause', 'Cause of the last trap into M-mode', causeFields, {
    read: (state) => state.mcause,
    write: (state, value) => (state.mcause = value),
  }),
  defineCsr('mtval', 'Address or instruction of the last trap into M-mode', [], {
    read: (state) => state.mtval,
    write: (state, value) => (state.mtval = value),
  }),
  defineCsr(
    'menvcfg',
    'Environment of S-mode and U-mode',
    [
      ...environmentFields,
      bit('ADUE', 61, 'Page walks update A and D bits; else such accesses fault (Svadu)'),
      bit('PBMTE', 62, 'Page-table entries may have memory types (Svpbmt)'),
      bit('STCE', 63, 'stimecmp drives the supervisor timer interrupt (Sstc)'),
    ],
    {
      read: (state) => state.menvcfg,
      write: (state, value) =>
        (state.menvcfg = legalCacheBlockFields(state.menvcfg, value & state.legalEnvironment)),
      effect: 'environment',
    },
  ),
];
