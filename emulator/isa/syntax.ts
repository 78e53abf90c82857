import { csrName, csrNumber } from './csr-names';
import type { FieldName, Fields } from './encoding';
import { floatRegisterNames, floatRegisterNumber, registerNames, registerNumber } from './registers';

/**
 * Operand templates such as `rd,imm(rs1)`. A word stands for a field and says how it is written; the rest is literal:
 * registers `rd rs1 rs2`, `frd frs1 frs2 frs3`; rounding mode `rm`; decimal `imm zimm`; `hex` is `imm` in hexadecimal, `upper` bits 31:12 of `imm`, `target` the
 * address `pc + imm`; `csr` a name or number; `pred succ` subsets of `iorw`.
 */
interface Notation {
  readonly field: FieldName;
  print(value: number, pc: bigint): string;
  /** `undefined` if the text is not such an operand. */
  parse(text: string, pc: bigint): number | undefined;
}

const parseNumber = (text: string): number | undefined =>
  /^-?(0x[\da-f]+|\d+)$/i.test(text)
    ? text.startsWith('-')
      ? -Number(text.slice(1))
      : Number(text)
    : undefined;

const register = (field: FieldName): Notation => ({
  field,
  print: (value) => registerNames[value]!,
  parse: registerNumber,
});
const floatRegister = (field: FieldName): Notation => ({
  field,
  print: (value) => floatRegisterNames[value]!,
  parse: floatRegisterNumber,
});
const decimal = (field: FieldName): Notation => ({ field, print: String, parse: parseNumber });
const orderings = ['w', 'r', 'o', 'i'];
const ordering = (field: FieldName): Notation => ({
  field,
  print: (value) => {
    const letters = orderings.filter((_, bit) => (value >> bit) & 1).reverse();
    return letters.join('') || 'unknown';
  },
  parse: (text) =>
    /^i?o?r?w?$/.test(text)
      ? orderings.reduce((set, letter, bit) => set | (text.includes(letter) ? 1 << bit : 0), 0)
      : undefined,
});

/** By their encoding; 5 and 6 are reserved. */
const roundingModes = ['rne', 'rtz', 'rdn', 'rup', 'rmm', 'unknown', 'unknown', 'dyn'];

const notations: Readonly<Record<string, Notation>> = {
  rd: register('rd'),
  rs1: register('rs1'),
  rs2: register('rs2'),
  frd: floatRegister('frd'),
  frs1: floatRegister('frs1'),
  frs2: floatRegister('frs2'),
  frs3: floatRegister('frs3'),
  rm: {
    field: 'rm',
    print: (value) => roundingModes[value]!,
    parse: (text) => {
      const mode = text === 'unknown' ? -1 : roundingModes.indexOf(text);
      return mode < 0 ? undefined : mode;
    },
  },
  imm: decimal('imm'),
  zimm: decimal('zimm'),
  hex: { field: 'imm', print: (value) => `0x${value.toString(16)}`, parse: parseNumber },
  upper: {
    field: 'imm',
    print: (value) => `0x${(value >>> 12).toString(16)}`,
    parse: (text) => {
      const value = parseNumber(text);
      return value === undefined ? undefined : (value << 12) | 0;
    },
  },
  target: {
    field: 'imm',
    print: (value, pc) => `0x${BigInt.asUintN(64, pc + BigInt(value)).toString(16)}`,
    parse: (text, pc) =>
      /^(0x[\da-f]+|\d+)$/i.test(text) ? Number(BigInt.asIntN(64, BigInt(text) - pc)) : undefined,
  },
  csr: {
    field: 'csr',
    print: (value) => csrName(value) ?? `0x${value.toString(16)}`,
    parse: (text) => csrNumber(text) ?? parseNumber(text),
  },
  pred: ordering('pred'),
  succ: ordering('succ'),
};

const word = /[a-z]+[123]?/g;

/** Writes the operands of an instruction at `pc`. */
export function printOperands(template: string, fields: Fields, pc: bigint): string {
  return template.replace(word, (name) => {
    const notation = notations[name]!;
    return notation.print(fields[notation.field] ?? 0, pc);
  });
}

/** Reads operands written in a template's form; `undefined` if they do not fit it. */
export function parseOperands(template: string, text: string, pc: bigint): Fields | undefined {
  const names = template.match(word) ?? [];
  const pattern = template.replace(/[()]/g, '\\$&').replace(word, '([^,()]+)');
  const matched = new RegExp(`^${pattern}$`).exec(text.replace(/\s/g, ''));
  if (!matched) return undefined;
  const fields: Fields = {};
  for (const [index, name] of names.entries()) {
    const notation = notations[name]!;
    const value = notation.parse(matched[index + 1]!, pc);
    if (value === undefined) return undefined;
    fields[notation.field] = value;
  }
  return fields;
}
