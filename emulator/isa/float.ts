import type { Statement } from '../wasm/expression';
import { shortWays } from './float-inline';
import { define } from './instruction';
import type { Alias } from './instruction';
import type { Emitter } from './semantics';

/** What the F and D extensions have in common (unpriv §20, §21): the same instructions on two formats. */

export const OP_FP = '1010011';

/** Suffix of the mnemonics and the `fmt` field (unpriv, table "Format field encoding"). */
export interface FloatFormat {
  readonly suffix: 's' | 'd';
  readonly fmt: '00' | '01';
}

type Aliases = Readonly<Record<string, Alias['when']>>;

/** Defines an instruction that is illegal while the floating-point unit is off. */
export const defineFloat = (
  assembly: string,
  pattern: string,
  semantics: (m: Emitter) => Statement,
  aliases: Aliases = {},
) => define(assembly, pattern, (m) => m.needsFloat(semantics(m)), { aliases });

/** Defines one that `float/operations.ts` computes. */
export const computed = (mnemonic: string, operands: string, pattern: string, aliases: Aliases = {}) =>
  defineFloat(
    `${mnemonic} ${operands}`,
    pattern,
    (m) => m.float(mnemonic, shortWays[mnemonic]?.(m)),
    aliases,
  );

const DYNAMIC = 7;
const RNE = 0;

/** One that rounds: its mode is written unless it is the one in `frm`; after one that is always exact, unless it is `rne`. */
export const rounded = (mnemonic: string, operands: string, pattern: string, exact = false) =>
  computed(mnemonic, `${operands},rm`, pattern, {
    [`${mnemonic} ${operands}`]: { rm: exact ? RNE : DYNAMIC },
  });

const fusedOpcodes = { fmadd: '1000011', fmsub: '1000111', fnmsub: '1001011', fnmadd: '1001111' };

/** Sums to comparisons of one format. */
export function arithmetic({ suffix, fmt }: FloatFormat) {
  const binary = (name: string, funct5: string) =>
    rounded(`${name}.${suffix}`, 'frd,frs1,frs2', `${funct5}${fmt} frs2 frs1 rm frd ${OP_FP}`);
  const choice = (name: string, funct3: string) =>
    computed(`${name}.${suffix}`, 'frd,frs1,frs2', `00101${fmt} frs2 frs1 ${funct3} frd ${OP_FP}`);
  const relation = (name: string, funct3: string) =>
    computed(`${name}.${suffix}`, 'rd,frs1,frs2', `10100${fmt} frs2 frs1 ${funct3} rd ${OP_FP}`);
  return [
    binary('fadd', '00000'),
    binary('fsub', '00001'),
    binary('fmul', '00010'),
    binary('fdiv', '00011'),
    rounded(`fsqrt.${suffix}`, 'frd,frs1', `01011${fmt} 00000 frs1 rm frd ${OP_FP}`),
    ...Object.entries(fusedOpcodes).map(([name, opcode]) =>
      rounded(`${name}.${suffix}`, 'frd,frs1,frs2,frs3', `frs3 ${fmt} frs2 frs1 rm frd ${opcode}`),
    ),
    choice('fmin', '000'),
    choice('fmax', '001'),
    relation('fle', '000'),
    relation('flt', '001'),
    relation('feq', '010'),
    computed(`fclass.${suffix}`, 'rd,frs1', `11100${fmt} 00000 frs1 001 rd ${OP_FP}`),
  ];
}

/** Conversions from and to the integers w, wu, l and lu. Doubles hold all 32-bit integers. */
export function integerConversions({ suffix, fmt }: FloatFormat) {
  return ['w', 'wu', 'l', 'lu'].flatMap((integer, index) => {
    const type = index.toString(2).padStart(5, '0');
    const exact = suffix === 'd' && index < 2;
    return [
      rounded(`fcvt.${integer}.${suffix}`, 'rd,frs1', `11000${fmt} ${type} frs1 rm rd ${OP_FP}`),
      rounded(`fcvt.${suffix}.${integer}`, 'frd,rs1', `11010${fmt} ${type} rs1 rm frd ${OP_FP}`, exact),
    ];
  });
}

/** Sign injection: what is done with the sign of rs2, and the alias for equal operands. */
export function signInjection(
  { suffix, fmt }: FloatFormat,
  semantics: Record<'copy' | 'negate' | 'xor', (m: Emitter) => Statement>,
) {
  const inject = (name: string, funct3: string, alias: string, perform: (m: Emitter) => Statement) =>
    defineFloat(`${name}.${suffix} frd,frs1,frs2`, `00100${fmt} frs2 frs1 ${funct3} frd ${OP_FP}`, perform, {
      [`${alias}.${suffix} frd,frs1`]: { frs2: 'frs1' },
    });
  return [
    inject('fsgnj', '000', 'fmv', semantics.copy),
    inject('fsgnjn', '001', 'fneg', semantics.negate),
    inject('fsgnjx', '010', 'fabs', semantics.xor),
  ];
}
