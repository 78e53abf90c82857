import type { I64, Statement } from '../wasm/expression';
import { i32, i64, valueAfter } from '../wasm/expression';
import { belongingTo, define } from './instruction';
import type { Emitter } from './semantics';

/**
 * Reading and replacing the floating-point CSRs (unpriv §20.2), which mathematical functions do often: forms of `csrrs`, `csrrw` and `csrrwi` in
 * generated code. Other accesses go the way of all CSRs. Without the F extension mstatus.FS is always off, so they are illegal.
 */

const CSRRW = '001';
const CSRRS = '010';
const CSRRWI = '101';
const SYSTEM = '1110011';

/** Bits of fcsr from `shift` up. */
interface Part {
  readonly number: string;
  readonly mask: number;
  readonly shift: number;
}

const flags: Part = { number: '000000000001', mask: 0x1f, shift: 0 };
const mode: Part = { number: '000000000010', mask: 0xe0, shift: 5 };
const whole: Part = { number: '000000000011', mask: 0xff, shift: 0 };

const value = (m: Emitter, { mask, shift }: Part): I64 =>
  i64.zeroExtend32(i32.shrU(i32.and(m.fcsr, i32.constant(mask)), i32.constant(shift)));

const replace = (m: Emitter, { mask, shift }: Part, by: I64): Statement =>
  m.writeFcsr(
    i32.or(
      i32.and(m.fcsr, i32.constant(~mask)),
      i32.and(i32.shl(i32.wrap(by), i32.constant(shift)), i32.constant(mask)),
    ),
  );

const reading = (mnemonic: string, part: Part) =>
  define(`${mnemonic} rd`, `${part.number} 00000 ${CSRRS} rd ${SYSTEM}`, (m) =>
    m.needsFloat(m.writeRd(value(m, part))),
  );

const swap = (part: Part, operand: (m: Emitter) => I64) => (m: Emitter) =>
  m.needsFloat(m.writeRd(m.bind(value(m, part), (old) => valueAfter(replace(m, part, operand(m)), old))));

const swapping = (mnemonic: string, part: Part) =>
  define(
    `${mnemonic} rd,rs1`,
    `${part.number} rs1 ${CSRRW} rd ${SYSTEM}`,
    swap(part, (m) => m.rs1),
    { aliases: { [`${mnemonic} rs1`]: { rd: 0 } } },
  );

const swappingImmediate = (mnemonic: string, part: Part) =>
  define(
    `${mnemonic} rd,zimm`,
    `${part.number} zimm ${CSRRWI} rd ${SYSTEM}`,
    swap(part, (m) => m.zimm),
  );

export const floatCsrs = belongingTo('zicsr', [
  reading('frflags', flags),
  reading('frrm', mode),
  reading('frcsr', whole),
  swapping('fsflags', flags),
  swapping('fsrm', mode),
  swapping('fscsr', whole),
  swappingImmediate('fsflagsi', flags),
  swappingImmediate('fsrmi', mode),
]);
