import type { I64 } from '../wasm/expression';
import { i32, i64 } from '../wasm/expression';
import type { FloatFormat } from './float';
import { arithmetic, defineFloat, integerConversions, OP_FP, signInjection } from './float';
import { box, unboxed } from './float-formats';
import { belongingTo } from './instruction';
import type { Emitter } from './semantics';

/** Single-precision floating point (unpriv §20). */

const single: FloatFormat = { suffix: 's', fmt: '00' };

const SIGN = i64.constant(0x8000_0000);
const ALL_BUT_SIGN = i64.constant(~0x8000_0000n);

/** The first operand with the sign that a function makes of both. */
const withSign = (sign: (a: I64, b: I64) => I64) => (m: Emitter) =>
  m.writeFrd(
    m.bind(unboxed(m.frs1), (a) =>
      m.bind(unboxed(m.frs2), (b) => i64.or(i64.and(a, ALL_BUT_SIGN), i64.and(sign(a, b), SIGN))),
    ),
  );

export const f = belongingTo('f', [
  defineFloat('flw frd,imm(rs1)', 'imm[11:0] rs1 010 frd 0000111', (m) =>
    m.writeFrd(box(m.load('u32', i64.add(m.rs1, m.imm)))),
  ),
  defineFloat('fsw frs2,imm(rs1)', 'imm[11:5] frs2 rs1 010 imm[4:0] 0100111', (m) =>
    m.store(4, i64.add(m.rs1, m.imm), m.frs2),
  ),
  ...arithmetic(single),
  ...integerConversions(single),
  ...signInjection(single, {
    copy: withSign((_, b) => b),
    negate: withSign((_, b) => i64.xor(b, SIGN)),
    xor: withSign(i64.xor),
  }),
  defineFloat('fmv.x.w rd,frs1', `1110000 00000 frs1 000 rd ${OP_FP}`, (m) =>
    m.writeRd(i64.signExtend32(i32.wrap(m.frs1))),
  ),
  defineFloat('fmv.w.x frd,rs1', `1111000 00000 rs1 000 frd ${OP_FP}`, (m) => m.writeFrd(box(m.rs1))),
]);
