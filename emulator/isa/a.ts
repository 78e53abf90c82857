import type { I32, I64, Statement } from '../wasm/expression';
import { i32, i64 } from '../wasm/expression';
import { belongingTo, define } from './instruction';
import type { Emitter } from './semantics';

/**
 * Atomic memory operations (unpriv §13). Harts take turns, so each is atomic and in order whatever `aq` and `rl` say.
 * The mnemonic's suffix `.aq`, `.rl` or `.aqrl` is printed by the disassembler from those fields.
 */

/** The new value from the old one and rs2, both sign-extended to 64 bits for words. */
type Update = (old: I64, operand: I64) => I64;

const pick =
  (compare: (a: I64, b: I64) => I32): Update =>
  (old, operand) =>
    i64.select(old, operand, compare(old, operand));

const sizes = [
  { suffix: 'w', funct3: '010', size: 4 },
  { suffix: 'd', funct3: '011', size: 8 },
] as const;

/** Sign extension keeps the unsigned order of words, so one comparison serves both sizes. */
const signExtendOperand = (m: Emitter, size: 4 | 8): I64 =>
  size === 4 ? i64.signExtend32(i32.wrap(m.rs2)) : m.rs2;

const update = (name: string, funct5: string, operation: Update) =>
  sizes.map(({ suffix, funct3, size }) => {
    const semantics = (m: Emitter): Statement =>
      m.writeRd(m.atomicUpdate(size, m.rs1, (old) => operation(old, signExtendOperand(m, size))));
    return define(
      `${name}.${suffix} rd,rs2,(rs1)`,
      `${funct5} aq rl rs2 rs1 ${funct3} rd 0101111`,
      semantics,
    );
  });

const loadReserved = sizes.map(({ suffix, funct3, size }) =>
  define(`lr.${suffix} rd,(rs1)`, `00010 aq rl 00000 rs1 ${funct3} rd 0101111`, (m) =>
    m.writeRd(m.loadReserved(size, m.rs1)),
  ),
);

const storeConditional = sizes.map(({ suffix, funct3, size }) =>
  define(`sc.${suffix} rd,rs2,(rs1)`, `00011 aq rl rs2 rs1 ${funct3} rd 0101111`, (m) =>
    m.writeRd(m.storeConditional(size, m.rs1, m.rs2)),
  ),
);

export const a = belongingTo('a', [
  ...loadReserved,
  ...storeConditional,
  ...update('amoswap', '00001', (_old, operand) => operand),
  ...update('amoadd', '00000', i64.add),
  ...update('amoxor', '00100', i64.xor),
  ...update('amoand', '01100', i64.and),
  ...update('amoor', '01000', i64.or),
  ...update('amomin', '10000', pick(i64.ltS)),
  ...update('amomax', '10100', pick(i64.geS)),
  ...update('amominu', '11000', pick(i64.ltU)),
  ...update('amomaxu', '11100', pick(i64.geU)),
]);
