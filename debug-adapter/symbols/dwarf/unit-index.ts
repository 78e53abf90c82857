/** Units by the addresses of their code, and by those of their variables. */
import { lastAtOrBefore, toSigned } from './addresses';
import { RangeReader } from './ranges';
import type { DwarfSections } from './sections';
import { unitAt, type Unit } from './units';

interface Extent {
  readonly start: number;
  readonly end: number;
  readonly unit: Unit;
}

const DW_OP_addr = 0x03;
/** Extents of different units should not overlap; where they do, so many are tried. */
const MOST_TRIES = 8;
/** One address is in one definition, and in what else refers to it as constants. */
const MOST_MENTIONS = 64;

export class UnitIndex {
  readonly #sections: DwarfSections;
  readonly #allUnits: () => readonly Unit[];
  #extents: readonly Extent[] | undefined;
  #byAddressTable: readonly Unit[] | undefined;

  constructor(sections: DwarfSections, allUnits: () => readonly Unit[]) {
    this.#sections = sections;
    this.#allUnits = allUnits;
  }

  /** The units that say that they have code at a link-time address; mostly one. */
  ofCode(pc: bigint): readonly Unit[] {
    const extents = (this.#extents ??= this.#list());
    const at = toSigned(pc);
    const nearest = lastAtOrBefore(extents.length, (i) => extents[i]!.start, at);
    const units: Unit[] = [];
    for (let i = nearest, tries = 0; i >= 0 && tries < MOST_TRIES; i--, tries++) {
      const { end, unit } = extents[i]!;
      if (at < end && !units.includes(unit)) units.push(unit);
    }
    return units;
  }

  /**
   * The units with a DIE that has the address as DW_OP_addr or, by index, as DW_OP_addrx. No section lists where data is described
   * (gcc's .debug_aranges has code only), but to look for eight bytes is quick.
   */
  mentioning(address: bigint): readonly Unit[] {
    const bytes = new Uint8Array(9);
    bytes[0] = DW_OP_addr;
    new DataView(bytes.buffer).setBigUint64(1, address, true);
    const units = new Set<Unit>();
    for (const at of positionsOf(this.#sections.get('info'), bytes)) {
      const unit = unitAt(this.#allUnits(), at);
      if (unit) units.add(unit);
    }
    for (const at of positionsOf(this.#sections.get('addr'), bytes.subarray(1))) {
      const unit = this.#ownerOfAddress(at);
      if (unit) units.add(unit);
    }
    return [...units];
  }

  #list(): readonly Extent[] {
    const reader = new RangeReader(this.#sections);
    return this.#allUnits()
      .flatMap((unit) =>
        (reader.of(unit) ?? [])
          .filter(({ start, end }) => start < end)
          .map(({ start, end }) => ({ start: toSigned(start), end: toSigned(end), unit })),
      )
      .sort((a, b) => a.start - b.start);
  }

  /** The unit whose part of `.debug_addr` has a position. */
  #ownerOfAddress(position: number): Unit | undefined {
    const units = (this.#byAddressTable ??= this.#allUnits()
      .filter(({ addrBase }) => addrBase > 0)
      .sort((a, b) => a.addrBase - b.addrBase));
    return units[lastAtOrBefore(units.length, (i) => units[i]!.addrBase, position)];
  }
}

/** Looks for the rarest of the bytes, which the platform does quickly, and compares the rest there. */
function positionsOf(bytes: Uint8Array, pattern: Uint8Array): number[] {
  // The third byte of the address: the first is a multiple of 8 mostly, the upper ones are the same for all of a kernel.
  const anchor = pattern.length - 6;
  const byte = pattern[anchor]!;
  const found: number[] = [];
  for (let at = bytes.indexOf(byte, anchor); at >= 0; at = bytes.indexOf(byte, at + 1)) {
    const start = at - anchor;
    let same = 0;
    while (same < pattern.length && bytes[start + same] === pattern[same]) same++;
    if (same === pattern.length && found.push(start) === MOST_MENTIONS) break;
  }
  return found;
}
