import type { CsrField } from '../../api';
import { FS_SHIFT, SD } from '../../isa/status';
import { FloatStatus } from '../../wasm/layout';
import type { HartState } from '../hart-state';
import type { Csr } from './definition';
import { bit, defineCsr, field } from './definition';

/** Floating-point CSRs (unpriv §20.2), and the field of mstatus and sstatus that guards them (priv 1.13 §3.1.6.6). */

const SHIFT = BigInt(FS_SHIFT);

export const floatStatusNames: CsrField['values'] = { 0: 'off', 1: 'initial', 2: 'clean', 3: 'dirty' };

/** FS and SD as mstatus and sstatus show them. */
export const floatStatusBits = ({ float: { floatStatus } }: HartState): bigint =>
  (BigInt(floatStatus) << SHIFT) | (floatStatus === FloatStatus.dirty ? SD : 0n);

/** Without the extension FS is always 0. */
export function writeFloatStatus({ float, extensions }: HartState, value: bigint): void {
  if (extensions.has('f')) float.floatStatus = Number((value >> SHIFT) & 3n);
}

const FLAGS = 0x1f;
const MODE = 0xe0;
const MODE_SHIFT = 5;

const flagFields = [
  bit('NX', 0, 'A result was inexact'),
  bit('UF', 1, 'A result underflowed'),
  bit('OF', 2, 'A result overflowed'),
  bit('DZ', 3, 'A finite number was divided by zero'),
  bit('NV', 4, 'An operation was invalid'),
];
const modeField = (high: number, low: number): CsrField =>
  field('RM', high, low, 'How dynamically rounded instructions round', {
    0: 'RNE: to nearest, ties to even',
    1: 'RTZ: towards zero',
    2: 'RDN: down',
    3: 'RUP: up',
    4: 'RMM: to nearest, ties away from zero',
    5: 'reserved: such instructions are illegal',
    6: 'reserved: such instructions are illegal',
    7: 'reserved: such instructions are illegal',
  });

/** A register that shows some bits of fcsr from `shift` up. Writing it makes the state dirty. */
const part = (
  name: string,
  description: string,
  fields: readonly CsrField[],
  mask: number,
  shift: number,
): Csr =>
  defineCsr(name, description, fields, {
    extension: 'f',
    accessible: ({ float }) => float.floatStatus !== FloatStatus.off,
    read: ({ float }) => BigInt((float.fcsr & mask) >> shift),
    write: ({ float }, value) => {
      float.fcsr = (float.fcsr & ~mask) | ((Number(value & 0xffn) << shift) & mask);
      if (float.floatStatus !== FloatStatus.off) float.floatStatus = FloatStatus.dirty;
    },
  });

export const floatCsrs: readonly Csr[] = [
  part('fflags', 'Accrued floating-point exceptions', flagFields, FLAGS, 0),
  part('frm', 'Dynamic rounding mode', [modeField(2, 0)], MODE, MODE_SHIFT),
  part('fcsr', 'Floating-point control and status', [...flagFields, modeField(7, 5)], FLAGS | MODE, 0),
];
