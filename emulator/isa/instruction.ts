import type { Disassembly } from '../api';
import type { Statement } from '../wasm/expression';
import type { Encoding, FieldName } from './encoding';
import { parseEncoding } from './encoding';
import type { Extension } from './extensions';
import type { Emitter } from './semantics';

/** What control flow an instruction is, before its registers are looked at (`link` decides between jump, call and return). */
type FlowKind = 'none' | 'branch' | 'link' | 'trap';
export type Flow = Disassembly['flow'];

/** Another way to write an instruction whose fields have these values, or that of another field. The first that fits is printed. */
export interface Alias {
  readonly mnemonic: string;
  readonly operands: string;
  readonly when: Readonly<Partial<Record<FieldName, number | FieldName>>>;
}

/**
 * An instruction. `operands` is its assembly text, whose words `syntax.ts` explains: fields, registers, punctuation.
 */
export interface Instruction {
  readonly mnemonic: string;
  readonly operands: string;
  /** The machine needs it to execute this. */
  readonly extension: Extension;
  readonly encoding: Encoding;
  readonly flow: FlowKind;
  readonly aliases: readonly Alias[];
  /** Emits what the instruction does. Falling off the end continues with the next instruction. */
  readonly semantics: (machine: Emitter) => Statement;
}

/** A 16-bit form of a 32-bit instruction: how to write the fields of that one in terms of its own. */
export interface Compressed {
  readonly mnemonic: string;
  /** The machine needs it, and that of the expansion (`c.fld` needs `c` and `d`). */
  readonly extension: Extension;
  readonly encoding: Encoding;
  /** The instruction in assembly, with fields of `encoding`, registers and numbers as operands: `addi rd,sp,imm`. */
  readonly expansion: string;
}

interface Extras {
  readonly flow?: FlowKind;
  /** Text `mnemonic operands` with the values of fields for which it is printed. */
  readonly aliases?: Readonly<Record<string, Alias['when']>>;
}

/** Says which extension the definitions of a table belong to. */
export function belongingTo<T>(
  extension: Extension,
  definitions: readonly T[],
): (T & { readonly extension: Extension })[] {
  return definitions.map((definition) => ({ ...definition, extension }));
}

/** Defines one instruction of an extension's table. */
export function define(
  assembly: string,
  pattern: string,
  semantics: (machine: Emitter) => Statement,
  { flow = 'none', aliases = {} }: Extras = {},
): Omit<Instruction, 'extension'> {
  return {
    ...split(assembly),
    encoding: parseEncoding(pattern),
    flow,
    aliases: Object.entries(aliases).map(([text, when]) => ({ ...split(text), when })),
    semantics,
  };
}

/** Defines a compressed instruction as what it expands to. */
export function compressed(
  mnemonic: string,
  pattern: string,
  expansion: string,
): Omit<Compressed, 'extension'> {
  return { mnemonic, encoding: parseEncoding(pattern), expansion };
}

function split(assembly: string): { mnemonic: string; operands: string } {
  const [mnemonic = '', operands = ''] = assembly.split(' ');
  return { mnemonic, operands };
}
