import type { Encoding, FieldName, Fields } from './encoding';
import { FieldReader, matches } from './encoding';
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

/** A way to write an instruction in memory: its own, or a compressed one. */
export interface Form {
  readonly instruction: Instruction;
  /** Bytes. */
  readonly length: 2 | 4;
  /** How the fields of `instruction` are read from the bits. */
  readonly fields: ReadonlyMap<FieldName, FieldReader>;
  readonly encoding: Encoding;
  readonly needs: readonly Extension[];
}

/** Bytes of the instruction that begins with this halfword. Longer formats (unpriv §1.5) count as 4: none is known here. */
export const instructionLength = (halfword: number): 2 | 4 => ((halfword & 3) === 3 ? 4 : 2);

/**
 * Decodes the low 16 or all 32 bits; `undefined` for an illegal instruction.
 * @param extensions those of the machine; by default every instruction of the table is known.
 */
export function decode(bits: number, extensions?: ExtensionSet): Decoded | undefined {
  const form = findForm(bits, extensions);
  if (!form) return undefined;
  const fields: Fields = {};
  for (const [name, reader] of form.fields) fields[name] = reader.read(bits);
  return { instruction: form.instruction, fields, length: form.length };
}

/** As `decode`, for whoever reads the fields that it needs. The form is the same object for all bits that have it. */
export function findForm(bits: number, extensions?: ExtensionSet): Form | undefined {
  for (const form of formsLike(bits, extensions)) if (matches(form.encoding, bits)) return form;
  return undefined;
}

/** The forms of which `bits` may be: the first that matches is meant. The same array for all bits of a bucket. */
export function formsLike(bits: number, extensions?: ExtensionSet): readonly Form[] {
  const buckets = extensions ? bucketsOf(extensions) : allBuckets;
  return buckets[bucket(bits)]!;
}

/** How many buckets there are. */
export const BUCKETS = 256;

/**
 * The bits by which forms are sorted, as a number below `BUCKETS`: 6:2, the major opcode, and 14:12 of a 32-bit instruction; 1:0 and 15:13 of a compressed one.
 */
export const bucket = (bits: number): number =>
  instructionLength(bits) === 4
    ? ((bits >>> 2) & 31) | ((bits >>> 7) & 0xe0)
    : (bits & 3) | ((bits >>> 11) & 0x1c);
const sortedBy = (length: 2 | 4): number => (length === 4 ? 0x707c : 0xe003);

/** Forms by bucket, in the order of the table. Compressed ones and others share some, and do not match each other's bits. */
function sortIntoBuckets(forms: readonly Form[]): Form[][] {
  const sorted: Form[][] = Array.from({ length: BUCKETS }, () => []);
  for (const form of forms) {
    const { match, mask, length } = form.encoding;
    // A form that leaves some of these bits open is in several.
    const open = sortedBy(length) & ~mask;
    for (let bits = open; ; bits = (bits - 1) & open) {
      sorted[bucket(match | bits)]!.push(form);
      if (bits === 0) break;
    }
  }
  return sorted;
}

const knownBuckets = new WeakMap<ExtensionSet, Form[][]>();

function bucketsOf(extensions: ExtensionSet): Form[][] {
  let buckets = knownBuckets.get(extensions);
  if (!buckets) {
    const has = (extension: Extension): boolean => extensions.has(extension);
    buckets = sortIntoBuckets(forms.filter(({ needs }) => needs.every(has)));
    knownBuckets.set(extensions, buckets);
  }
  return buckets;
}

function ownForm(instruction: Instruction): Form {
  const { encoding, extension } = instruction;
  const fields = new Map(encoding.fields.map(({ name, reader }) => [name, reader]));
  return { instruction, length: encoding.length, fields, encoding, needs: [extension] };
}

function compressedForm({ encoding, expansion, extension }: Compressed): Form {
  const { instruction, operands } = parseExpansion(expansion);
  const own = new Map(encoding.fields.map(({ name, reader }) => [name, reader]));
  const fields = new Map(
    operands.map(([name, source]) => [
      name,
      typeof source === 'number' ? FieldReader.constant(source) : own.get(source)!,
    ]),
  );
  return {
    instruction,
    length: encoding.length,
    fields,
    encoding,
    needs: [extension, instruction.extension],
  };
}

/** Reads `addi rd,sp,imm`: the instruction, and for each of its fields a field of the compressed one, a register or a number. */
function parseExpansion(text: string): {
  instruction: Instruction;
  operands: readonly (readonly [FieldName, FieldName | number])[];
} {
  const [mnemonic = '', operands = ''] = text.split(' ');
  const instruction = findInstruction(mnemonic);
  if (!instruction) throw new Error(`no instruction ${mnemonic}`);
  const sources = words(operands).map(
    (word) => registerNumber(word) ?? (/^\d+$/.test(word) ? Number(word) : (word as FieldName)),
  );
  const targets = words(instruction.operands).map(
    (word) => (/^(target|upper|hex)$/.test(word) ? 'imm' : word) as FieldName,
  );
  return { instruction, operands: targets.map((target, index) => [target, sources[index]!] as const) };
}

const words = (operands: string): string[] => operands.split(/[,()]/).filter((word) => word !== '');

const forms = [...instructions.map(ownForm), ...compressedInstructions.map(compressedForm)];
const allBuckets = sortIntoBuckets(forms);
