import type { I64 } from '../wasm/expression';
import { i32, i64 } from '../wasm/expression';
import { belongingTo, define } from './instruction';
import type { Emitter } from './semantics';

/** Address generation (unpriv §28.4.1): shifts and additions, of registers or of their low words taken as unsigned. */

const lowWord = (a: I64): I64 => i64.zeroExtend32(i32.wrap(a));

const shiftAndAdd = (shift: number, funct3: string) => {
  const add = (index: (m: Emitter) => I64) => (m: Emitter) =>
    m.writeRd(i64.add(i64.shl(index(m), i64.constant(shift)), m.rs2));
  return [
    define(
      `sh${shift}add rd,rs1,rs2`,
      `0010000 rs2 rs1 ${funct3} rd 0110011`,
      add((m) => m.rs1),
    ),
    define(
      `sh${shift}add.uw rd,rs1,rs2`,
      `0010000 rs2 rs1 ${funct3} rd 0111011`,
      add((m) => lowWord(m.rs1)),
    ),
  ];
};

export const zba = belongingTo('zba', [
  define(
    'add.uw rd,rs1,rs2',
    '0000100 rs2 rs1 000 rd 0111011',
    (m) => m.writeRd(i64.add(lowWord(m.rs1), m.rs2)),
    { aliases: { 'zext.w rd,rs1': { rs2: 0 } } },
  ),
  ...shiftAndAdd(1, '010'),
  ...shiftAndAdd(2, '100'),
  ...shiftAndAdd(3, '110'),
  define('slli.uw rd,rs1,hex', '000010 uimm[5:0] rs1 001 rd 0011011', (m) =>
    m.writeRd(i64.shl(lowWord(m.rs1), m.imm)),
  ),
]);
