import type { Disassembly } from '../api';
import type { Decoded } from './decode';
import { decode, instructionLength } from './decode';
import type { ExtensionSet } from './extensions';
import type { FieldName } from './encoding';
import { flowOf, targetOf } from './flow';
import { printOperands } from './syntax';

/**
 * Disassembles the instruction in the low 16 or all 32 bits, as `objdump -d` prints it: aliases where one fits, compressed
 * instructions under the name of what they expand to, `.2byte`/`.4byte` where there is no instruction: none of `extensions`, or
 * none at all.
 */
export function disassemble(bits: number, pc: bigint, extensions?: ExtensionSet): Disassembly {
  if ((bits & 0xffff) === 0) return { length: 2, text: 'unimp', mnemonic: 'unimp', flow: 'none' };
  const decoded = decode(bits, extensions);
  if (!decoded) return unknown(bits);
  const target = targetOf(decoded, pc);
  // A step asks where each instruction leads, and seldom how it is written.
  let spelt: ReturnType<typeof spelling> | undefined;
  const spell = () => (spelt ??= spelling(decoded, pc));
  return {
    length: decoded.length,
    get text() {
      const { mnemonic, operands } = spell();
      return operands === '' ? mnemonic : `${mnemonic} ${operands}`;
    },
    get mnemonic() {
      return spell().mnemonic;
    },
    flow: flowOf(decoded),
    ...(target === undefined ? {} : { target }),
  };
}

function spelling({ instruction, fields }: Decoded, pc: bigint): { mnemonic: string; operands: string } {
  const fits = instruction.aliases.find(({ when }) =>
    Object.entries(when).every(
      ([field, value]) => fields[field as FieldName] === (typeof value === 'string' ? fields[value] : value),
    ),
  );
  const { mnemonic, operands } = fits ?? instruction;
  const ordering = `${fields.aq ? 'aq' : ''}${fields.rl ? 'rl' : ''}`;
  return {
    mnemonic: ordering === '' ? mnemonic : `${mnemonic}.${ordering}`,
    operands: printOperands(operands, fields, pc),
  };
}

function unknown(bits: number): Disassembly {
  const length = instructionLength(bits);
  const value = length === 2 ? bits & 0xffff : bits >>> 0;
  const mnemonic = `.${length}byte`;
  return { length, text: `${mnemonic} 0x${value.toString(16)}`, mnemonic, flow: 'none' };
}
