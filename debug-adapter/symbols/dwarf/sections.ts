/** The debug sections of a program, unpacked when first asked for. */
import { ByteReader, stringAt } from '../bytes/byte-reader';

export type DwarfSectionName =
  'info' | 'abbrev' | 'line' | 'str' | 'line_str' | 'str_offsets' | 'addr' | 'ranges' | 'rnglists' | 'types';

export class DwarfSections {
  readonly #load: (name: string) => Uint8Array | undefined;
  readonly #loaded = new Map<string, Uint8Array>();
  readonly #strings = new Map<string, Map<number, string | undefined>>();

  /** @param load Contents of a section such as `.debug_info`, if there is one. */
  constructor(load: (name: string) => Uint8Array | undefined) {
    this.#load = load;
  }

  /** Contents of `.debug_<name>`; empty if there is none. */
  get(name: DwarfSectionName): Uint8Array {
    let section = this.#loaded.get(name);
    if (section === undefined) {
      section = this.#load(`.debug_${name}`) ?? new Uint8Array(0);
      this.#loaded.set(name, section);
    }
    return section;
  }

  readerAt(name: DwarfSectionName, offset: number): ByteReader {
    return new ByteReader(this.get(name), offset);
  }

  /** A string of `.debug_str` or `.debug_line_str`. The same few thousand are asked for again in every unit: kept. */
  string(name: 'str' | 'line_str', offset: number): string | undefined {
    let strings = this.#strings.get(name);
    if (strings === undefined) this.#strings.set(name, (strings = new Map<number, string | undefined>()));
    if (!strings.has(offset)) strings.set(offset, stringAt(this.get(name), offset));
    return strings.get(offset);
  }
}
