/** Abbreviation tables (DWARF 5 §7.5.3): the shapes of a unit's DIEs. */
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

/**
 * The tables of `.debug_abbrev` by their offset. Tables that units share are read once, and others do not overlap: when
 * more has been read than the section holds, offsets are damaged and further tables are empty. This bounds the work.
 */
export class Abbreviations {
  readonly #sections: DwarfSections;
  readonly #tables = new Map<number, AbbreviationTable>();
  #bytesRead = 0;

  constructor(sections: DwarfSections) {
    this.#sections = sections;
  }

  table(offset: number): AbbreviationTable {
    let table = this.#tables.get(offset);
    if (table === undefined) {
      table = this.#read(offset);
      this.#tables.set(offset, table);
    }
    return table;
  }

  #read(offset: number): AbbreviationTable {
    const reader = this.#sections.readerAt('abbrev', offset);
    const table = new Map<number, Abbreviation>();
    if (this.#bytesRead > reader.end) return table;
    while (reader.more()) {
      const code = reader.uleb();
      if (code === 0) break;
      const tag = reader.uleb();
      const hasChildren = reader.u8() !== 0;
      const attributes: AttributeShape[] = [];
      while (reader.more()) {
        const [name, form] = [reader.uleb(), reader.uleb()];
        const implicit = form === FORM.implicit_const ? reader.sleb64() : 0n;
        if (name === 0 && form === 0) break;
        attributes.push({ name, form, implicit });
      }
      if (reader.failed()) break;
      table.set(code, { tag, hasChildren, attributes });
    }
    this.#bytesRead += Math.max(0, reader.offset - offset);
    return table;
  }
}
