/**
 * Names as numbers, for an index of all that a kernel has: a name is where its bytes are in the debug sections, found again by a hash of them. No
 * string is decoded.
 */
import { decodeText } from '../bytes/byte-reader';
import { NumberMap } from './number-map';
import type { DwarfSectionName, DwarfSections } from './sections';

/** Sections that hold names, in `.debug_info` those of DW_FORM_string. */
const SOURCES = ['str', 'line_str', 'info', 'types'] as const satisfies readonly DwarfSectionName[];
type NameSection = (typeof SOURCES)[number];

/** No name; also that of one that is too long, or one too many. */
export const NO_NAME = -1;

/** Longer ones are no names. */
const LONGEST_NAME = 4096;
/** A kernel has some hundred thousand. */
const MOST_NAMES = 2_000_000;
/** Positions that are not kept. */
const MOST_KEY = 0x7fff_ffff;
/** How many times over a section may be hashed: strings overlap only where one is the end of another. */
const OVERLAP = 8;

export class NameTable {
  readonly #sections: DwarfSections;
  /** Of each name: its hash, its section as an index of `SOURCES`, and its bytes there. */
  readonly #hashes: number[] = [];
  readonly #sources: number[] = [];
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  /** Open addressing: a name plus one, where its hash or what was taken before points to. The size is a power of two. */
  #slots = new Int32Array(1 << 12);
  /** Names by position, of strings that many DIEs share. */
  readonly #byOffset = new Map<NameSection, NumberMap>();
  readonly #bytesLeft = new Map<NameSection, number>();

  constructor(sections: DwarfSections) {
    this.#sections = sections;
  }

  get count(): number {
    return this.#hashes.length;
  }

  /** The name of the string at a position, which ends with its NUL. */
  at(section: NameSection, offset: number): number {
    let known = this.#byOffset.get(section);
    if (known === undefined) this.#byOffset.set(section, (known = new NumberMap()));
    const name = known.get(offset);
    if (name >= 0) return name;
    const added = this.#add(section, offset);
    if (added !== NO_NAME && known.size < MOST_NAMES && offset < MOST_KEY) known.add(offset, added);
    return added;
  }

  /** As {@link at}, of a string that no other DIE shares. */
  inside(section: NameSection, offset: number): number {
    return this.#add(section, offset);
  }

  /** The number of a name that was seen. */
  find(text: string): number {
    const bytes = new TextEncoder().encode(text);
    return this.#slots[this.#slotOf(bytes, 0, bytes.length, hashOf(bytes, 0, bytes.length))]! - 1;
  }

  text(name: number): string {
    const start = this.#starts[name]!;
    return decodeText(this.#bytesOf(name), start, start + this.#lengths[name]!);
  }

  /** Whether a name begins with these bytes. */
  startsWith(name: number, prefix: Uint8Array): boolean {
    if (this.#lengths[name]! < prefix.length) return false;
    const bytes = this.#bytesOf(name);
    const start = this.#starts[name]!;
    for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix[i]) return false;
    return true;
  }

  /** Lets go of what is needed only while names are added. */
  close(): void {
    this.#byOffset.clear();
  }

  #bytesOf(name: number): Uint8Array {
    return this.#sections.get(SOURCES[this.#sources[name]!]!);
  }

  #add(section: NameSection, start: number): number {
    const bytes = this.#sections.get(section);
    const left = this.#bytesLeft.get(section) ?? OVERLAP * bytes.length;
    if (left <= 0) return NO_NAME;
    let end = start;
    while (end < bytes.length && bytes[end] !== 0 && end - start <= LONGEST_NAME) end++;
    this.#bytesLeft.set(section, left - (end - start));
    if (end === start || bytes[end] !== 0 || end - start > LONGEST_NAME) return NO_NAME;
    const hash = hashOf(bytes, start, end);
    const slot = this.#slotOf(bytes, start, end, hash);
    const known = this.#slots[slot]!;
    if (known > 0) return known - 1;
    if (this.count === MOST_NAMES) return NO_NAME;
    this.#sources.push(SOURCES.indexOf(section));
    this.#starts.push(start);
    this.#lengths.push(end - start);
    this.#slots[slot] = this.#hashes.push(hash);
    if (this.count * 2 > this.#slots.length) this.#grow();
    return this.count - 1;
  }

  /** Where the name is, or would be put. */
  #slotOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const name = this.#slots[slot]! - 1;
      if (name < 0) return slot;
      if (this.#hashes[name] === hash && this.#isSame(name, bytes, start, end)) return slot;
    }
  }

  #isSame(name: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#lengths[name] !== end - start) return false;
    const others = this.#bytesOf(name);
    const other = this.#starts[name]!;
    for (let i = 0; i < end - start; i++) if (others[other + i] !== bytes[start + i]) return false;
    return true;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let name = 0; name < this.count; name++) {
      let slot = this.#hashes[name]! & mask;
      while (this.#slots[slot]! > 0) slot = (slot + 1) & mask;
      this.#slots[slot] = name + 1;
    }
  }
}

/** FNV-1a, 31 bits, mixed so that the low ones depend on all. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) & 0x7fff_ffff;
}
