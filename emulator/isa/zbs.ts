import type { I64 } from '../wasm/expression';
import { i64 } from '../wasm/expression';
import { belongingTo, define } from './instruction';

/** Single-bit instructions (unpriv §28.4.4). The number of the bit is taken modulo 64. */

const one = i64.constant(1);
const bitAt = (number: I64): I64 => i64.shl(one, number);

const pair = (name: string, funct6: string, funct3: string, operation: (a: I64, number: I64) => I64) => [
  define(`${name} rd,rs1,rs2`, `${funct6}0 rs2 rs1 ${funct3} rd 0110011`, (m) =>
    m.writeRd(operation(m.rs1, m.rs2)),
  ),
  define(`${name}i rd,rs1,hex`, `${funct6} uimm[5:0] rs1 ${funct3} rd 0010011`, (m) =>
    m.writeRd(operation(m.rs1, m.imm)),
  ),
];

export const zbs = belongingTo('zbs', [
  ...pair('bclr', '010010', '001', (a, number) => i64.and(a, i64.xor(bitAt(number), i64.constant(-1)))),
  ...pair('bext', '010010', '101', (a, number) => i64.and(i64.shrU(a, number), one)),
  ...pair('binv', '011010', '001', (a, number) => i64.xor(a, bitAt(number))),
  ...pair('bset', '001010', '001', (a, number) => i64.or(a, bitAt(number))),
]);
