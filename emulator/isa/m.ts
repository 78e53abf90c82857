import type { I32, I64 } from '../wasm/expression';
import { i32, i64 } from '../wasm/expression';
import { belongingTo, define } from './instruction';
import type { Emitter } from './semantics';

/** Integer multiplication and division (unpriv §12). */

type Divide = (dividend: I64, divisor: I64) => I64;

const zero = i64.constant(0);
const allOnes = i64.constant(-1);
const low32 = i64.constant(0xffff_ffff);
const bits32 = i64.constant(32);

const low = (a: I64): I64 => i64.and(a, low32);
const high = (a: I64): I64 => i64.shrU(a, bits32);
/** `b` if `a` is negative, else 0. */
const ifNegative = (a: I64, b: I64): I64 => i64.and(i64.shrS(a, i64.constant(63)), b);

/** High 64 bits of the unsigned product, from four products of 32-bit halves. */
function multiplyHighUnsigned(m: Emitter, a: I64, b: I64): I64 {
  const carry = i64.shrU(i64.mul(low(a), low(b)), bits32);
  return m.bind(i64.add(i64.mul(high(a), low(b)), carry), (middle) =>
    m.bind(i64.add(i64.mul(low(a), high(b)), low(middle)), (cross) =>
      i64.add(i64.add(i64.mul(high(a), high(b)), high(middle)), high(cross)),
    ),
  );
}

/** A negative operand read as unsigned is 2^64 too large, which adds the other operand to the high half. */
const multiplyHigh = (m: Emitter): I64 =>
  i64.sub(i64.sub(multiplyHighUnsigned(m, m.rs1, m.rs2), ifNegative(m.rs1, m.rs2)), ifNegative(m.rs2, m.rs1));
const multiplyHighSignedUnsigned = (m: Emitter): I64 =>
  i64.sub(multiplyHighUnsigned(m, m.rs1, m.rs2), ifNegative(m.rs1, m.rs2));

// Division by zero gives all ones and the dividend as remainder; the overflow −2^63 / −1 gives −2^63 and 0 (unpriv table 12).
const minusOne = (a: I64): I32 => i64.eq(a, allOnes);
const divideSigned: Divide = (a, b) =>
  i64.choose(i64.eqz(b), allOnes, i64.choose(minusOne(b), i64.sub(zero, a), i64.divS(a, b)));
const divideUnsigned: Divide = (a, b) => i64.choose(i64.eqz(b), allOnes, i64.divU(a, b));
const remainderSigned: Divide = (a, b) =>
  i64.choose(i64.eqz(b), a, i64.choose(minusOne(b), zero, i64.remS(a, b)));
const remainderUnsigned: Divide = (a, b) => i64.choose(i64.eqz(b), a, i64.remU(a, b));

const signExtendWord = (a: I64): I64 => i64.signExtend32(i32.wrap(a));
const zeroExtendWord = (a: I64): I64 => i64.zeroExtend32(i32.wrap(a));

const divide =
  (operation: Divide) =>
  (m: Emitter): I64 =>
    operation(m.rs1, m.rs2);

/** The operation on words: 64-bit arithmetic on extended operands cannot overflow, so it is exact. */
const divideWord =
  (operation: Divide, extend: (a: I64) => I64) =>
  (m: Emitter): I64 =>
    m.bind(extend(m.rs1), (a) => m.bind(extend(m.rs2), (b) => signExtendWord(operation(a, b))));

const multiply = (m: Emitter): I64 => i64.mul(m.rs1, m.rs2);
const instruction = (name: string, funct3: string, major: string, value: (m: Emitter) => I64) =>
  define(`${name} rd,rs1,rs2`, `0000001 rs2 rs1 ${funct3} rd ${major}`, (m) => m.writeRd(value(m)));

const OP = '0110011';
const OP_32 = '0111011';

export const m = belongingTo('m', [
  instruction('mul', '000', OP, multiply),
  instruction('mulh', '001', OP, multiplyHigh),
  instruction('mulhsu', '010', OP, multiplyHighSignedUnsigned),
  instruction('mulhu', '011', OP, (e) => multiplyHighUnsigned(e, e.rs1, e.rs2)),
  instruction('div', '100', OP, divide(divideSigned)),
  instruction('divu', '101', OP, divide(divideUnsigned)),
  instruction('rem', '110', OP, divide(remainderSigned)),
  instruction('remu', '111', OP, divide(remainderUnsigned)),
  instruction('mulw', '000', OP_32, (e) => signExtendWord(multiply(e))),
  instruction('divw', '100', OP_32, divideWord(divideSigned, signExtendWord)),
  instruction('divuw', '101', OP_32, divideWord(divideUnsigned, zeroExtendWord)),
  instruction('remw', '110', OP_32, divideWord(remainderSigned, signExtendWord)),
  instruction('remuw', '111', OP_32, divideWord(remainderUnsigned, zeroExtendWord)),
]);
