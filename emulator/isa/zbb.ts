import type { I32, I64 } from '../wasm/expression';
import { i32, i64 } from '../wasm/expression';
import { belongingTo, define } from './instruction';
import type { Emitter } from './semantics';

/** Basic bit manipulation (unpriv §28.4.2). */

type Value = (m: Emitter) => I64;

const allOnes = i64.constant(-1);
const not = (a: I64): I64 => i64.xor(a, allOnes);
const signExtendWord = (a: I32): I64 => i64.signExtend32(a);
const zeroExtendWord = (a: I32): I64 => i64.zeroExtend32(a);

const OP = '0110011';
const OP_32 = '0111011';
const OP_IMM = '0010011';
const OP_IMM_32 = '0011011';

const binary = (name: string, funct7: string, funct3: string, value: Value, major = OP) =>
  define(`${name} rd,rs1,rs2`, `${funct7} rs2 rs1 ${funct3} rd ${major}`, (m) => m.writeRd(value(m)));
const unary = (name: string, funct12: string, funct3: string, value: Value, major = OP_IMM) =>
  define(`${name} rd,rs1`, `${funct12} rs1 ${funct3} rd ${major}`, (m) => m.writeRd(value(m)));

/** rs1 if it compares so with rs2, else that. */
const pick =
  (compare: (a: I64, b: I64) => I32): Value =>
  (m) =>
    m.bind(m.rs1, (a) => m.bind(m.rs2, (b) => i64.select(a, b, compare(a, b))));

/** Bytes in reverse order: neighbours change places, then pairs, then words. */
const reverseBytes: Value = (m) => {
  const swap = (value: I64, shift: number, mask: bigint): I64 =>
    m.bind(value, (a) =>
      i64.or(
        i64.shl(i64.and(a, i64.constant(mask)), i64.constant(shift)),
        i64.and(i64.shrU(a, i64.constant(shift)), i64.constant(mask)),
      ),
    );
  return i64.rotl(swap(swap(m.rs1, 8, 0x00ff_00ff_00ff_00ffn), 16, 0x0000_ffff_0000_ffffn), i64.constant(32));
};

/** Each byte becomes 0 if it is zero, else all ones. */
const orCombine: Value = (m) =>
  m.bind(m.rs1, (a) => {
    const low7 = i64.constant(0x7f7f_7f7f_7f7f_7f7fn);
    // Bit 7 of a byte: its low bits carry into it unless they are zero, or it is set already.
    const nonZero = i64.or(i64.add(i64.and(a, low7), low7), a);
    const ones = i64.and(i64.shrU(nonZero, i64.constant(7)), i64.constant(0x0101_0101_0101_0101n));
    return i64.mul(ones, i64.constant(0xff));
  });

export const zbb = belongingTo('zbb', [
  binary('andn', '0100000', '111', (m) => i64.and(m.rs1, not(m.rs2))),
  binary('orn', '0100000', '110', (m) => i64.or(m.rs1, not(m.rs2))),
  binary('xnor', '0100000', '100', (m) => not(i64.xor(m.rs1, m.rs2))),

  unary('clz', '011000000000', '001', (m) => i64.clz(m.rs1)),
  unary('clzw', '011000000000', '001', (m) => zeroExtendWord(i32.clz(i32.wrap(m.rs1))), OP_IMM_32),
  unary('ctz', '011000000001', '001', (m) => i64.ctz(m.rs1)),
  unary('ctzw', '011000000001', '001', (m) => zeroExtendWord(i32.ctz(i32.wrap(m.rs1))), OP_IMM_32),
  unary('cpop', '011000000010', '001', (m) => i64.popcnt(m.rs1)),
  unary('cpopw', '011000000010', '001', (m) => zeroExtendWord(i32.popcnt(i32.wrap(m.rs1))), OP_IMM_32),

  binary('max', '0000101', '110', pick(i64.geS)),
  binary('maxu', '0000101', '111', pick(i64.geU)),
  binary('min', '0000101', '100', pick(i64.ltS)),
  binary('minu', '0000101', '101', pick(i64.ltU)),

  unary('sext.b', '011000000100', '001', (m) => i64.signExtend8(m.rs1)),
  unary('sext.h', '011000000101', '001', (m) => i64.signExtend16(m.rs1)),
  unary('zext.h', '000010000000', '100', (m) => i64.and(m.rs1, i64.constant(0xffff)), OP_32),

  binary('rol', '0110000', '001', (m) => i64.rotl(m.rs1, m.rs2)),
  binary('rolw', '0110000', '001', (m) => signExtendWord(i32.rotl(i32.wrap(m.rs1), i32.wrap(m.rs2))), OP_32),
  binary('ror', '0110000', '101', (m) => i64.rotr(m.rs1, m.rs2)),
  binary('rorw', '0110000', '101', (m) => signExtendWord(i32.rotr(i32.wrap(m.rs1), i32.wrap(m.rs2))), OP_32),
  define(`rori rd,rs1,hex`, `011000 uimm[5:0] rs1 101 rd ${OP_IMM}`, (m) =>
    m.writeRd(i64.rotr(m.rs1, m.imm)),
  ),
  define(`roriw rd,rs1,hex`, `0110000 uimm[4:0] rs1 101 rd ${OP_IMM_32}`, (m) =>
    m.writeRd(signExtendWord(i32.rotr(i32.wrap(m.rs1), i32.wrap(m.imm)))),
  ),

  unary('orc.b', '001010000111', '101', orCombine),
  unary('rev8', '011010111000', '101', reverseBytes),
]);
