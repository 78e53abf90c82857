import type { Encoding, FieldName, Fields } from './encoding';
import { extractFields } from './encoding';
import type { Extension, ExtensionSet } from './extensions';
import type { Compressed, Instruction } from './instruction';
import { registerNumber } from './registers';
import { compressedInstructions, findInstruction, instructions } from './table';

/** One instruction in memory. `fields` are those of `instruction`, also where the encoding in memory is compressed. */
export interface Decoded {
  readonly instruction: Instruction;
  readonly fields: Fields;
  /** Bytes in memory. */
  readonly length: 2 | 4;
}

/** Bytes of the instruction that begins with this halfword. Longer formats (unpriv §1.5) count as 4: none is known here. */
export const instructionLength = (halfword: number): 2 | 4 => ((halfword & 3) === 3 ? 4 : 2);

/**
 * Decodes the low 16 or all 32 bits; `undefined` for an illegal instruction.
 * @param extensions those of the machine; by default every instruction of the table is known.
 */
export function decode(bits: number, extensions?: ExtensionSet): Decoded | undefined {
  const candidates = instructionLength(bits) === 2 ? compressedBuckets : buckets;
  for (const { needs, read } of candidates[bucket(bits)]!) {
    const decoded = read(bits);
    if (decoded && (!extensions || needs.every((extension) => extensions.has(extension)))) return decoded;
  }
  return undefined;
}

interface Decoder {
  readonly needs: readonly Extension[];
  /** `undefined` if the bits are something else. */
  readonly read: (bits: number) => Decoded | undefined;
}

/** Bits 6:2 name the major opcode of a 32-bit instruction; 1:0 and 15:13 the row of a compressed one. */
const bucket = (bits: number): number =>
  instructionLength(bits) === 4 ? (bits >>> 2) & 31 : (bits & 3) | (((bits >>> 13) & 7) << 2);

/** Decoders by bucket. The fixed bits of every encoding include those that select its bucket. */
function sortIntoBuckets<T extends { readonly encoding: Encoding }>(
  table: readonly T[],
  decoder: (entry: T) => Decoder,
): Decoder[][] {
  const sorted: Decoder[][] = Array.from({ length: 32 }, () => []);
  for (const entry of table) sorted[bucket(entry.encoding.match)]!.push(decoder(entry));
  return sorted;
}

function instructionDecoder(instruction: Instruction): Decoder {
  const { encoding, extension } = instruction;
  return {
    needs: [extension],
    read: (bits) => {
      const fields = extractFields(encoding, bits);
      return fields && { instruction, fields, length: encoding.length };
    },
  };
}

function compressedDecoder({ encoding, expansion, extension }: Compressed): Decoder {
  const { instruction, expand } = parseExpansion(expansion);
  return {
    needs: [extension, instruction.extension],
    read: (bits) => {
      const own = extractFields(encoding, bits & 0xffff);
      return own && { instruction, fields: expand(own), length: encoding.length };
    },
  };
}

/** Reads `addi rd,sp,imm`: the instruction, and for each of its fields a field of the compressed one, a register or a number. */
function parseExpansion(text: string): { instruction: Instruction; expand: (own: Fields) => Fields } {
  const [mnemonic = '', operands = ''] = text.split(' ');
  const instruction = findInstruction(mnemonic);
  if (!instruction) throw new Error(`no instruction ${mnemonic}`);
  const targets = words(instruction.operands).map(
    (word) => (/^(target|upper|hex)$/.test(word) ? 'imm' : word) as FieldName,
  );
  const sources = words(operands).map(
    (word) => registerNumber(word) ?? (/^\d+$/.test(word) ? Number(word) : word),
  );
  const expand = (own: Fields): Fields => {
    const fields: Fields = {};
    targets.forEach((target, index) => {
      const source = sources[index]!;
      fields[target] = typeof source === 'number' ? source : own[source as FieldName]!;
    });
    return fields;
  };
  return { instruction, expand };
}

const words = (operands: string): string[] => operands.split(/[,()]/).filter((word) => word !== '');

const buckets = sortIntoBuckets(instructions, instructionDecoder);
const compressedBuckets = sortIntoBuckets(compressedInstructions, compressedDecoder);
