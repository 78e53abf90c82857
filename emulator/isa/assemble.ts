import type { FieldName, Fields } from './encoding';
import { insertFields } from './encoding';
import type { Alias } from './instruction';
import { parseOperands } from './syntax';
import { instructions } from './table';

/**
 * Assembles one 32-bit instruction, by its own name or an alias: `addi sp,sp,-32`, `li a0,5`, `amoadd.w.aq a0,a1,(a2)`.
 * @returns the instruction, or `undefined` if the text is none or an operand does not fit.
 */
export function assemble(text: string, pc = 0n): number | undefined {
  const [, name = '', operands = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(text) ?? [];
  const ordering = /\.(aq)?(rl)?$/.exec(name);
  const mnemonic = ordering && name.length > ordering.index ? name.slice(0, ordering.index) : name;
  const fixed = { aq: ordering?.[1] ? 1 : 0, rl: ordering?.[2] ? 1 : 0 };
  for (const { encoding, aliases, ...own } of instructions) {
    for (const spelling of [{ ...own, when: {} }, ...aliases]) {
      if (spelling.mnemonic !== mnemonic) continue;
      const fields = parseOperands(spelling.operands, operands, pc);
      if (!fields) continue;
      const bits = insertFields(encoding, { ...fixed, ...impliedFields(spelling.when, fields), ...fields });
      if (bits !== undefined) return bits;
    }
  }
  return undefined;
}

/** Values of the fields that an alias implies. */
function impliedFields(when: Alias['when'], written: Fields): Fields {
  const implied: Fields = {};
  for (const [field, value] of Object.entries(when)) {
    const known = typeof value === 'string' ? written[value] : value;
    if (known !== undefined) implied[field as FieldName] = known;
  }
  return implied;
}
