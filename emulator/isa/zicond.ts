import type { I32, I64 } from '../wasm/expression';
import { i64 } from '../wasm/expression';
import { belongingTo, define } from './instruction';

/** Integer conditional operations (unpriv §11). */

const zeroIf = (name: string, funct3: string, condition: (b: I64) => I32) =>
  define(`${name} rd,rs1,rs2`, `0000111 rs2 rs1 ${funct3} rd 0110011`, (m) =>
    m.writeRd(i64.select(i64.constant(0), m.rs1, condition(m.rs2))),
  );

export const zicond = belongingTo('zicond', [
  zeroIf('czero.eqz', '101', i64.eqz),
  zeroIf('czero.nez', '111', (b) => i64.ne(b, i64.constant(0))),
]);
