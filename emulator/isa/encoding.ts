/**
 * Encodings written as the manual draws them, from the highest bit to the lowest:
 *
 *     imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011          beq   (unpriv §2.5)
 *     011 nzimm[9] 00010 nzimm[4|6|8:7|5] 01                c.addi16sp
 *
 * A token of zeros and ones is fixed. Any other token is a field; brackets say which bits of the value stand there.
 * `rd'` is a 3-bit register field for x8 to x15. `frd`, `frs1` to `frs3` are float registers where the manual writes rd and rs1 to rs3.
 * `uimm` and `nzuimm` are unsigned, `nz…` must not be zero, and
 * `rd!=0` or `rd!=0,2` excludes values (a reserved encoding, or another instruction's).
 */

/** Operand fields by the names that semantics and assembly text use; `imm` also stands for `uimm`, `nzimm`, `nzuimm`. */
export type FieldName =
  | 'rd'
  | 'rs1'
  | 'rs2'
  | 'frd'
  | 'frs1'
  | 'frs2'
  | 'frs3'
  | 'imm'
  | 'csr'
  | 'zimm'
  | 'rm'
  | 'pred'
  | 'succ'
  | 'aq'
  | 'rl'
  | 'hint';
export type Fields = Partial<Record<FieldName, number>>;

interface Piece {
  /** Lowest bit in the instruction. */
  readonly at: number;
  readonly width: number;
  /** Lowest bit in the value. */
  readonly valueBit: number;
}

/** Takes the value of a field out of an instruction. Of one class for all fields, because instructions are decoded by the hundred thousand. */
export class FieldReader {
  readonly #at: number;
  readonly #mask: number;
  readonly #valueBit: number;
  /** How far the value's sign is from bit 31; 0 if it has none. */
  readonly #spare: number;
  readonly #bias: number;
  /** For the other pieces of the value. */
  readonly #next: FieldReader | undefined;

  /** @param bias added to the bits */
  constructor(pieces: readonly Piece[], spare = 0, bias = 0) {
    const [{ at, width, valueBit } = { at: 0, width: 0, valueBit: 0 }, ...others] = pieces;
    this.#at = at;
    this.#mask = (1 << width) - 1;
    this.#valueBit = valueBit;
    this.#spare = spare;
    this.#bias = bias;
    this.#next = others.length > 0 ? new FieldReader(others) : undefined;
  }

  /** Reads the same from all instructions. */
  static constant(value: number): FieldReader {
    return new FieldReader([], 0, value);
  }

  read(bits: number): number {
    let value = ((bits >>> this.#at) & this.#mask) << this.#valueBit;
    for (let next = this.#next; next; next = next.#next) {
      value |= ((bits >>> next.#at) & next.#mask) << next.#valueBit;
    }
    return ((value << this.#spare) >> this.#spare) + this.#bias;
  }
}

interface Field {
  /** As encodings name it, without the bits that stand there. */
  readonly token: string;
  readonly name: FieldName;
  readonly pieces: readonly Piece[];
  readonly width: number;
  readonly signed: boolean;
  /** Added to the bits: 8 for the 3-bit register fields. */
  readonly bias: number;
  readonly excluded: readonly number[];
  readonly reader: FieldReader;
}

export interface Encoding {
  readonly length: 2 | 4;
  readonly mask: number;
  readonly match: number;
  readonly fields: readonly Field[];
  /** Those of them that exclude values. */
  readonly restricted: readonly Field[];
}

const widths: Readonly<Record<string, number>> = {
  rd: 5,
  rs1: 5,
  rs2: 5,
  frd: 5,
  frs1: 5,
  frs2: 5,
  frs3: 5,
  "rd'": 3,
  "rs1'": 3,
  "rs2'": 3,
  "frd'": 3,
  "frs2'": 3,
  rm: 3,
  csr: 12,
  zimm: 5,
  pred: 4,
  succ: 4,
  aq: 1,
  rl: 1,
};

/** Reads an encoding in the notation above. Throws on a mistake in the table itself. */
export function parseEncoding(pattern: string): Encoding {
  let at = 0;
  let mask = 0;
  let match = 0;
  const fields = new Map<string, Field>();
  for (const token of pattern.split(' ').reverse()) {
    if (/^[01]+$/.test(token)) {
      mask |= ((1 << token.length) - 1) << at;
      match |= parseInt(token, 2) << at;
      at += token.length;
      continue;
    }
    const field = fieldAt(at, token);
    if (!field) throw new Error(`${pattern}: cannot read ${token}`);
    const before = fields.get(field.token);
    fields.set(field.token, before ? joined(before, field) : field);
    at += field.pieces.reduce((sum, piece) => sum + piece.width, 0);
  }
  if (at !== 16 && at !== 32) throw new Error(`${pattern}: ${at} bits`);
  return {
    length: at === 16 ? 2 : 4,
    mask: mask >>> 0,
    match: match >>> 0,
    fields: [...fields.values()],
    restricted: [...fields.values()].filter(({ excluded }) => excluded.length > 0),
  };
}

/** Fields by place and token: most encodings have the same ones at the same places. */
const known = new Map<string, Field>();

/** The field of a token whose lowest bit is at `at`; `undefined` if the token is none. */
function fieldAt(at: number, text: string): Field | undefined {
  const key = `${at} ${text}`;
  const found = known.get(key);
  if (found) return found;
  const parsed = /^([a-z]+[123]?'?)(?:\[([\d:|]+)\])?(?:!=([\d,]+))?$/.exec(text);
  if (!parsed) return undefined;
  const [, token = '', ranges = `${(widths[token] ?? 1) - 1}:0`, excluded] = parsed;
  const pieces: Piece[] = [];
  let next = at;
  for (const range of ranges.split('|').reverse()) {
    const [high = 0, low = high] = range.split(':').map(Number);
    pieces.push({ at: next, width: high - low + 1, valueBit: low });
    next += high - low + 1;
  }
  const field = makeField(token, pieces, excluded?.split(',').map(Number) ?? []);
  known.set(key, field);
  return field;
}

function joined({ token, ...before }: Field, { pieces, excluded }: Field): Field {
  return makeField(token, [...before.pieces, ...pieces], [...before.excluded, ...excluded]);
}

function makeField(token: string, pieces: readonly Piece[], excluded: readonly number[]): Field {
  const immediate = /^(nz)?(u?)imm$/.exec(token);
  const width = Math.max(...pieces.map((piece) => piece.valueBit + piece.width));
  const signed = immediate?.[2] === '';
  const bias = token.endsWith("'") ? 8 : 0;
  return {
    token,
    name: (immediate ? 'imm' : token.replace("'", '')) as FieldName,
    pieces,
    width,
    signed,
    bias,
    reader: new FieldReader(pieces, signed ? 32 - width : 0, bias),
    excluded: immediate?.[1] === 'nz' ? [...excluded, 0] : excluded,
  };
}

/** True if `bits` are of this encoding. */
export function matches({ mask, match, restricted }: Encoding, bits: number): boolean {
  if ((bits & mask) !== (match | 0)) return false;
  for (const { excluded, reader } of restricted) if (excluded.includes(reader.read(bits))) return false;
  return true;
}

/** The fields of `bits`, or `undefined` if `bits` is not this encoding. */
export function extractFields(encoding: Encoding, bits: number): Fields | undefined {
  if (!matches(encoding, bits)) return undefined;
  const values: Fields = {};
  for (const { name, reader } of encoding.fields) values[name] = reader.read(bits);
  return values;
}

/** The instruction with these fields (missing ones are 0), or `undefined` if a value does not fit its field. */
export function insertFields(encoding: Encoding, values: Fields): number | undefined {
  let bits = encoding.match;
  for (const field of encoding.fields) {
    const value = (values[field.name] ?? 0) - field.bias;
    for (const { at, width, valueBit } of field.pieces) {
      bits |= ((value >>> valueBit) & ((1 << width) - 1)) << at;
    }
  }
  bits >>>= 0;
  const read = extractFields(encoding, bits);
  const same = read && encoding.fields.every(({ name }) => (read[name] ?? 0) === (values[name] ?? 0));
  return same ? bits : undefined;
}
