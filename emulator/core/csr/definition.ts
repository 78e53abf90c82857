import type { CsrDefinition, CsrField, Privilege } from '../../api';
import { csrNumber } from '../../isa/csr-names';
import type { Extension } from '../../isa/extensions';
import type { HartState } from '../hart-state';

/**
 * What must be looked at anew after a write. `translation` also covers pending interrupts; `protection` also translation;
 * `environment` also protection and `timer`; `counters` is who may read them.
 */
export type CsrEffect = 'counters' | 'interrupts' | 'translation' | 'protection' | 'timer' | 'environment';

/** A control and status register: what the debugger shows of it, and what the hart does with it. */
export interface Csr extends CsrDefinition {
  read(state: HartState): bigint;
  /** What csrrs and csrrc change, where that is not what they read: bits that a line from outside is ORed into. */
  readonly readForUpdate?: (state: HartState) => bigint;
  /** Stores the legal part of a value; absent for registers that ignore writes. */
  readonly write?: (state: HartState, value: bigint) => void;
  readonly effect?: CsrEffect;
  /** The machine has this register only with that extension. */
  readonly extension?: Extension;
  /** Conditions beside the privilege that the address asks for. False is an illegal instruction. */
  readonly accessible?: (state: HartState) => boolean;
}

type Behaviour = Pick<Csr, 'read' | 'readForUpdate' | 'write' | 'effect' | 'extension' | 'accessible'>;

/** Defines the CSR of a standard name. */
export function defineCsr(
  name: string,
  description: string,
  fields: readonly CsrField[],
  behaviour: Behaviour,
): Csr {
  const address = csrNumber(name);
  if (address === undefined) throw new Error(`no CSR is called ${name}`);
  return { address, name, description, fields, ...behaviour };
}

/** A field of bits `high` to `low`. */
export function field(
  name: string,
  high: number,
  low: number,
  description: string,
  values?: CsrField['values'],
): CsrField {
  return { name, high, low, description, ...(values ? { values } : {}) };
}

/** A field of one bit. */
export const bit = (name: string, at: number, description: string, values?: CsrField['values']): CsrField =>
  field(name, at, at, description, values);

/** Lowest privilege that may access a CSR, and whether it is read-only: bits 9:8 and 11:10 of its address (priv 1.13 §2.1). */
export const privilegeOf = (address: number): Privilege => ((address >> 8) & 3) as Privilege;
export const isReadOnly = (address: number): boolean => address >> 10 === 3;

/** Fields of the registers that enable or show interrupts. */
export const supervisorInterruptFields = (suffix: 'P' | 'E', verb: string): readonly CsrField[] => [
  bit(`SSI${suffix}`, 1, `Supervisor software interrupt ${verb}`),
  bit(`STI${suffix}`, 5, `Supervisor timer interrupt ${verb}`),
  bit(`SEI${suffix}`, 9, `Supervisor external interrupt ${verb}`),
];

export const interruptFields = (suffix: 'P' | 'E', verb: string): readonly CsrField[] => [
  ...supervisorInterruptFields(suffix, verb),
  bit(`MSI${suffix}`, 3, `Machine software interrupt ${verb}`),
  bit(`MTI${suffix}`, 7, `Machine timer interrupt ${verb}`),
  bit(`MEI${suffix}`, 11, `Machine external interrupt ${verb}`),
];

/** Both trap vectors: a base, and whether interrupts have vectors of their own. */
export const vectorFields: readonly CsrField[] = [
  field('BASE', 63, 2, 'Bits 63:2 of the address of the handler'),
  field('MODE', 1, 0, 'Where interrupts go', { 0: 'direct', 1: 'vectored: base + 4 * cause' }),
];

/** Modes 2 and 3 are reserved: such a write changes nothing. */
export const legalVector = (old: bigint, value: bigint): bigint => ((value & 2n) === 0n ? value : old);
