/** Abbreviation tables (DWARF 5 §7.5.3): the shapes of a unit's DIEs. */
import { ByteReader } from '../bytes/byte-reader';
import { FORM } from './constants';
import type { DwarfSections } from './sections';

export interface AttributeShape {
  readonly name: number;
  readonly form: number;
  /** Value of DW_FORM_implicit_const. */
  readonly implicit: bigint;
}

export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly AttributeShape[];
}

/** By code. Codes are small and dense in what compilers write, so an array would do; hostile ones need not be. */
export type AbbreviationTable = ReadonlyMap<number, Abbreviation>;

const SHORTEST = 3; // code, tag, and whether there are children

/**
 * The tables of `.debug_abbrev` by their offset. Each is read at most twice: over its codes for the shape of the root, and
 * as a whole. Tables do not overlap: when more has been read than so could be, offsets are damaged and further tables are
 * empty. This bounds the work.
 */
export class Abbreviations {
  readonly #sections: DwarfSections;
  readonly #tables = new Map<number, AbbreviationTable>();
  /** Where the codes that units' roots have are declared: `-1` if nowhere, `undefined` if not searched. */
  readonly #roots = new Map<number, { readonly code: number; readonly shape: Abbreviation | undefined }>();
  /** Shapes by a hash of their bytes. */
  readonly #known = new Map<
    number,
    { readonly start: number; readonly length: number; readonly shape: Abbreviation }
  >();
  #bytesLeft: number | undefined;

  constructor(sections: DwarfSections) {
    this.#sections = sections;
  }

  /** The whole table at an offset. */
  table(offset: number): AbbreviationTable {
    let table = this.#tables.get(offset);
    if (table === undefined) {
      table = this.#read(offset);
      this.#tables.set(offset, table);
    }
    return table;
  }

  /**
   * The shape of a unit's root. Compilers number shapes by how often they are used, so that the root's comes late: the
   * others are stepped over, which costs a fraction of reading them.
   */
  root(offset: number, code: number): Abbreviation | undefined {
    const known = this.#tables.get(offset);
    if (known !== undefined) return known.get(code);
    const root = this.#roots.get(offset);
    // Units that share a table have roots of one shape, or the table is read as a whole.
    if (root !== undefined) return root.code === code ? root.shape : this.table(offset).get(code);
    const at = this.#find(offset, code);
    const shape = at < 0 ? undefined : readShape(new ByteReader(this.#sections.get('abbrev'), at));
    this.#roots.set(offset, { code, shape });
    return shape;
  }

  /** Takes the bytes of a table that was read from what may be read. */
  #spend(bytes: number): void {
    this.#bytesLeft = this.#left() - bytes;
  }

  #left(): number {
    return (this.#bytesLeft ??= 2 * this.#sections.get('abbrev').length);
  }

  /** Position after the code of a declaration; -1 if the table has none. */
  #find(offset: number, code: number): number {
    if (this.#left() <= 0) return -1;
    const bytes = this.#sections.get('abbrev');
    let at = offset;
    let found = -1;
    // Reads past the end give `undefined`, which ends each number and is no code.
    while (at + SHORTEST <= bytes.length && bytes[at] !== 0) {
      let [here, scale] = [0, 1];
      let byte: number;
      do {
        byte = bytes[at++] ?? 0;
        here += (byte & 0x7f) * scale;
        scale *= 128;
      } while (byte >= 0x80);
      if (here === code) {
        found = at;
        break;
      }
      at = endOfShape(bytes, at);
    }
    this.#spend(Math.max(0, at - offset));
    return found;
  }

  /** The shape at the reader, which is one object for all tables that have it. */
  #shape(reader: ByteReader): Abbreviation | undefined {
    const { bytes, offset: start } = reader;
    const end = Math.min(bytes.length, endOfShape(bytes, start));
    let hash = end - start;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    const known = this.#known.get(hash);
    if (known?.length === end - start && isSame(bytes, known.start, start, known.length)) {
      reader.offset = end;
      return known.shape;
    }
    const shape = readShape(reader);
    if (shape !== undefined && known === undefined)
      this.#known.set(hash, { start, length: end - start, shape });
    return shape;
  }

  #read(offset: number): AbbreviationTable {
    const reader = this.#sections.readerAt('abbrev', offset);
    const table = new Map<number, Abbreviation>();
    if (this.#left() <= 0) return table;
    while (reader.more()) {
      const code = reader.uleb();
      if (code === 0) break;
      const shape = this.#shape(reader);
      if (shape === undefined) break;
      table.set(code, shape);
    }
    this.#spend(Math.max(0, reader.offset - offset));
    return table;
  }
}

/** A declaration after its code; `undefined` if the section cuts it off. */
function readShape(reader: ByteReader): Abbreviation | undefined {
  const tag = reader.uleb();
  const hasChildren = reader.u8() !== 0;
  const attributes: AttributeShape[] = [];
  while (reader.more()) {
    const [name, form] = [reader.uleb(), reader.uleb()];
    const implicit = form === FORM.implicit_const ? reader.sleb64() : 0n;
    if (name === 0 && form === 0) break;
    attributes.push({ name, form, implicit });
  }
  return reader.failed() ? undefined : { tag, hasChildren, attributes };
}

/** Position after a declaration, whose code is before `at`. */
function endOfShape(bytes: Uint8Array, at: number): number {
  while (bytes[at++]! >= 0x80); // tag
  at++;
  for (let last = false; !last && at < bytes.length;) {
    const name = bytes[at]!;
    while (bytes[at++]! >= 0x80);
    const form = bytes[at]!;
    while (bytes[at++]! >= 0x80);
    if (form === FORM.implicit_const) while (bytes[at++]! >= 0x80);
    last = name === 0 && form === 0;
  }
  return at;
}

function isSame(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}
