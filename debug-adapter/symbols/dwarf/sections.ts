/** The debug sections of a program, unpacked when first asked for. */
import { ByteReader, stringAt } from '../bytes/byte-reader';

const NAMES = [
  'info',
  'abbrev',
  'line',
  'str',
  'line_str',
  'str_offsets',
  'addr',
  'ranges',
  'rnglists',
  'loc',
  'loclists',
  'types',
] as const;
export type DwarfSectionName = (typeof NAMES)[number];

/** Those of call frame information, of which one is part of the running program and named like that. */
const CALL_FRAMES: readonly string[] = ['.debug_frame', '.eh_frame'];

/** Whether this reader uses a section of that name. */
export function isDwarfSection(name: string): boolean {
  return CALL_FRAMES.includes(name) || NAMES.some((known) => name === `.debug_${known}`);
}

/** Longer ones are no names or paths. */
const LONGEST_STRING = 65_536;
/** How many times over a section's strings may be read. */
const OVERLAP = 8;

export class DwarfSections {
  readonly #load: (name: string) => Uint8Array | undefined;
  readonly #loaded = new Map<string, Uint8Array>();
  readonly #strings = new Map<string, { readonly byOffset: Map<number, string>; bytesLeft: number }>();

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

  /**
   * A string of `.debug_str` or `.debug_line_str`. The same few thousand are asked for again in every unit: kept. Strings
   * overlap only where one is the end of another, so what adds up to many times the section is damage.
   */
  string(name: 'str' | 'line_str', offset: number): string | undefined {
    let strings = this.#strings.get(name);
    if (strings === undefined) {
      const bytesLeft = OVERLAP * this.get(name).length;
      this.#strings.set(name, (strings = { byOffset: new Map(), bytesLeft }));
    }
    const known = strings.byOffset.get(offset);
    if (known !== undefined || strings.bytesLeft <= 0) return known;
    const found = stringAt(this.get(name), offset, LONGEST_STRING);
    strings.bytesLeft -= found?.length ?? LONGEST_STRING;
    if (found !== undefined) strings.byOffset.set(offset, found);
    return found;
  }
}
