import type { I64 } from '../wasm/expression';
import { i64 } from '../wasm/expression';
import { belongingTo, define } from './instruction';
import type { Emitter } from './semantics';

/**
 * Carry-less multiplication (unpriv §28.4.3): the sum of shifted operands without carries. It is put together from ordinary
 * products of operands of which only each fourth bit is kept: up to 15 terms add up in four bits, the lowest of which is
 * their sum without carries. A sixteenth is possible only in the topmost four bits, where its carry is lost.
 * (Thomas Pornin, BearSSL, `ghash_ctmul64`.)
 */

const sum = (terms: readonly I64[], add: (a: I64, b: I64) => I64): I64 => terms.reduce((a, b) => add(a, b));

/** Bits `residue`, `residue + 4`, … */
const eachFourth = (a: I64, residue: number): I64 =>
  i64.and(a, i64.constant(0x1111_1111_1111_1111n << BigInt(residue)));

/** The low 64 bits of the product. */
const low = (m: Emitter, one: I64, other: I64): I64 =>
  m.bind(one, (a) =>
    m.bind(other, (b) => {
      const residues = [0, 1, 2, 3];
      const parts = residues.map((residue) => {
        const products = residues.map((i) => i64.mul(eachFourth(a, i), eachFourth(b, (residue - i + 4) % 4)));
        return eachFourth(sum(products, i64.xor), residue);
      });
      return sum(parts, i64.or);
    }),
  );

/** The bits in reverse order: neighbours change places, then pairs, and so on. */
const reverse = (m: Emitter, value: I64): I64 => {
  const masks = [
    0x5555_5555_5555_5555n,
    0x3333_3333_3333_3333n,
    0x0f0f_0f0f_0f0f_0f0fn,
    0x00ff_00ff_00ff_00ffn,
    0x0000_ffff_0000_ffffn,
  ];
  const swapped = masks.reduce((before, mask, log) => {
    const shift = i64.constant(1 << log);
    return m.bind(before, (a) =>
      i64.or(i64.shl(i64.and(a, i64.constant(mask)), shift), i64.and(i64.shrU(a, shift), i64.constant(mask))),
    );
  }, value);
  return i64.rotl(swapped, i64.constant(32));
};

/** Bits 126:63 of the product: those of the reversed operands' product, reversed. */
const reversed = (m: Emitter): I64 => reverse(m, low(m, reverse(m, m.rs1), reverse(m, m.rs2)));

const instruction = (name: string, funct3: string, value: (m: Emitter) => I64) =>
  define(`${name} rd,rs1,rs2`, `0000101 rs2 rs1 ${funct3} rd 0110011`, (m) => m.writeRd(value(m)));

export const zbc = belongingTo('zbc', [
  instruction('clmul', '001', (m) => low(m, m.rs1, m.rs2)),
  instruction('clmulr', '010', reversed),
  // Bit 127 is always zero.
  instruction('clmulh', '011', (m) => i64.shrU(reversed(m), i64.constant(1))),
]);
