import type { I64 } from '../wasm/expression';
import { i64 } from '../wasm/expression';
import type { FloatFormat } from './float';
import { arithmetic, defineFloat, integerConversions, OP_FP, rounded, signInjection } from './float';
import { belongingTo } from './instruction';
import type { Emitter } from './semantics';

/** Double-precision floating point (unpriv §21). */

const double: FloatFormat = { suffix: 'd', fmt: '01' };

const SIGN = i64.constant(1n << 63n);
const ALL_BUT_SIGN = i64.constant((1n << 63n) - 1n);

/** The first operand with the sign that a function makes of both. */
const withSign = (sign: (a: I64, b: I64) => I64) => (m: Emitter) =>
  m.writeFrd(i64.or(i64.and(m.frs1, ALL_BUT_SIGN), i64.and(sign(m.frs1, m.frs2), SIGN)));

export const d = belongingTo('d', [
  defineFloat('fld frd,imm(rs1)', 'imm[11:0] rs1 011 frd 0000111', (m) =>
    m.writeFrd(m.load('i64', i64.add(m.rs1, m.imm))),
  ),
  defineFloat('fsd frs2,imm(rs1)', 'imm[11:5] frs2 rs1 011 imm[4:0] 0100111', (m) =>
    m.store(8, i64.add(m.rs1, m.imm), m.frs2),
  ),
  ...arithmetic(double),
  ...integerConversions(double),
  rounded('fcvt.s.d', 'frd,frs1', `0100000 00001 frs1 rm frd ${OP_FP}`),
  rounded('fcvt.d.s', 'frd,frs1', `0100001 00000 frs1 rm frd ${OP_FP}`, true),
  ...signInjection(double, {
    copy: withSign((_, b) => b),
    negate: withSign((_, b) => i64.xor(b, SIGN)),
    xor: withSign(i64.xor),
  }),
  defineFloat('fmv.x.d rd,frs1', `1110001 00000 frs1 000 rd ${OP_FP}`, (m) => m.writeRd(m.frs1)),
  defineFloat('fmv.d.x frd,rs1', `1111001 00000 rs1 000 frd ${OP_FP}`, (m) => m.writeFrd(m.rs1)),
]);
