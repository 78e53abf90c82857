/**
 * A name as units have it, so that those without it are known from a look at their bytes, and no string is decoded. A unit has a name as its offset in
 * `.debug_str` (DW_FORM_strp), through its part of `.debug_str_offsets` (DW_FORM_strx), or as it is (DW_FORM_string).
 */
import type { ByteReader } from '../bytes/byte-reader';
import type { AttributeShape } from './abbreviations';
import { FORM } from './constants';
import { readForm, readOffset } from './forms';
import type { DwarfSections } from './sections';
import type { Unit } from './units';

/** More offsets than that and reading the DIEs is as quick as comparing. */
const MOST_OFFSETS = 4;

export class WantedName {
  readonly #sections: DwarfSections;
  readonly #text: string;
  readonly #bytes: Uint8Array;
  /** Where the name is in `.debug_str`, mostly as the end of longer ones. `undefined` if there are too many. */
  readonly #offsets: readonly number[] | undefined;

  constructor(sections: DwarfSections, name: string) {
    this.#sections = sections;
    this.#text = name;
    this.#bytes = new TextEncoder().encode(`${name}\0`);
    this.#offsets = findAll(sections.get('str'), this.#bytes, MOST_OFFSETS);
  }

  /** False only if no DIE of the unit has the name. */
  mayBeIn(unit: Unit): boolean {
    if (this.#offsets === undefined) return true;
    // Supplementary and split files, and the 64-bit format, are read as they are.
    if (unit.offsetSize !== 4) return true;
    const bytes = this.#sections.get(unit.section).subarray(unit.firstDie, unit.end);
    if (this.#offsets.some((offset) => includes(bytes, littleEndian(offset)))) return true;
    return this.#mayIndex(unit) || includes(bytes, this.#bytes);
  }

  /** Reads a DW_AT_name and compares it. */
  isNext(reader: ByteReader, { form, implicit }: AttributeShape, unit: Unit): boolean {
    if (form === FORM.strp && this.#offsets !== undefined) {
      return this.#offsets.includes(readOffset(reader, unit.offsetSize));
    }
    const value = readForm(reader, form, implicit, unit, this.#sections);
    return value.kind === 'string' && value.value === this.#text;
  }

  /** Whether the unit's strings by index, which begin at its base and end nowhere for certain, have the name. */
  #mayIndex(unit: Unit): boolean {
    if (unit.version < 5 && unit.strOffsetsBase === 0) return false;
    const section = this.#sections.get('str_offsets');
    if (section.length === 0) return false;
    const strings = section.subarray(unit.strOffsetsBase, contributionEnd(section, unit));
    return this.#offsets!.some((offset) => includes(strings, littleEndian(offset)));
  }
}

/** A contribution of `.debug_str_offsets` has its length 8 bytes before its base (DWARF 5 §7.26). */
function contributionEnd(section: Uint8Array, { strOffsetsBase: base }: Unit): number {
  if (base < 8 || base > section.length) return section.length;
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  return base - 4 + view.getUint32(base - 8, true);
}

function littleEndian(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}

/** Positions of a pattern; `undefined` if there are more than `most`. */
function findAll(bytes: Uint8Array, pattern: Uint8Array, most: number): number[] | undefined {
  const found: number[] = [];
  for (let at = indexOf(bytes, pattern, 0); at >= 0; at = indexOf(bytes, pattern, at + 1)) {
    if (found.push(at) > most) return undefined;
  }
  return found;
}

function includes(bytes: Uint8Array, pattern: Uint8Array): boolean {
  return indexOf(bytes, pattern, 0) >= 0;
}

/** Looks for one byte of the pattern, which the platform does quickly, and compares the rest there. */
function indexOf(bytes: Uint8Array, pattern: Uint8Array, from: number): number {
  // Of the first two the larger one: small values are the commonest in debug information.
  const anchor = (pattern[1] ?? 0) > pattern[0]! ? 1 : 0;
  const byte = pattern[anchor]!;
  const last = bytes.length - pattern.length;
  let at = bytes.indexOf(byte, from + anchor) - anchor;
  while (at >= 0 && at <= last) {
    let same = 0;
    while (same < pattern.length && bytes[at + same] === pattern[same]) same++;
    if (same === pattern.length) return at;
    at = bytes.indexOf(byte, at + anchor + 1) - anchor;
  }
  return -1;
}
