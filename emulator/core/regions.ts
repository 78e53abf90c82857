import { FIRST_ENTRY } from '../translator/region-frame';
import { Handler } from '../wasm/handlers';
import { Entry } from '../wasm/layout';

/** A translated region in the table. */
export interface InstalledRegion {
  /** Index in the table. */
  readonly index: number;
  readonly decodedPage: number;
  /** Offsets in the page between which all its instructions lie. */
  readonly start: number;
  readonly end: number;
  /** Offsets of its instructions. */
  readonly offsets: ReadonlySet<number>;
  /** Offsets where it is entered; its function takes the number of one in this list, counted from `FIRST_ENTRY`. */
  readonly entries: readonly number[];
  /** It can tell what is watched of a page: see `RegionPlace`. */
  readonly watchful: boolean;
}

/** Indices are 16 bits; the first is never used, so that nothing refers to it by chance. */
const MOST_REGIONS = 65_535;
const GROWTH = 1024;

/** The translated regions by the decoded page they stand for, and the table that the interpreter calls them by. */
export class Regions {
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: GROWTH });
  /** Called for each region that is dropped. */
  onDrop: (region: InstalledRegion) => void = () => undefined;
  readonly #view: DataView;
  readonly #restore: (entry: number) => void;
  readonly #byPage = new Map<number, InstalledRegion[]>();
  readonly #byIndex = new Map<number, InstalledRegion>();
  readonly #free: number[] = [];
  #next = 1;

  /** @param restore decodes an entry again that was a region's */
  constructor(view: DataView, restore: (entry: number) => void) {
    this.#view = view;
    this.#restore = restore;
  }

  /** An index for a new region; `undefined` if there are too many. */
  reserve(): number | undefined {
    if (this.#free.length === 0 && this.#next >= MOST_REGIONS) return undefined;
    const index = this.#free.pop() ?? this.#next++;
    if (index >= this.table.length) this.table.grow(GROWTH);
    return index;
  }

  /** Gives back an index that was not used. */
  release(index: number): void {
    this.#free.push(index);
  }

  /** Makes a region known: where its entries are reached, it is run. */
  install(region: InstalledRegion, run: unknown): void {
    const { index, decodedPage } = region;
    this.table.set(index, run);
    this.#byIndex.set(index, region);
    const others = this.#byPage.get(decodedPage);
    if (others) others.push(region);
    else this.#byPage.set(decodedPage, [region]);
    region.entries.forEach((offset, number) => {
      const entry = entryAt(decodedPage, offset);
      this.#view.setUint16(entry + Entry.handler, Handler.translated, true);
      this.#view.setUint16(entry + Entry.region, index, true);
      this.#view.setUint16(entry + Entry.selector, FIRST_ENTRY + number, true);
    });
  }

  /** The instruction that control came from: of a region that was entered at `entry`, with this pc, the one that left it. */
  originOf({
    pc,
    entry,
    leftAt,
  }: {
    readonly pc: bigint;
    readonly entry: number;
    readonly leftAt: number;
  }): bigint {
    const isRegion = this.#view.getUint16(entry + Entry.handler, true) === Handler.translated;
    return isRegion ? (pc & ~0xfffn) + BigInt(leftAt) : pc;
  }

  /** Those of a page. */
  of(decodedPage: number): readonly InstalledRegion[] {
    return this.#byPage.get(decodedPage) ?? [];
  }

  /** The one with that index in the table. */
  get(index: number): InstalledRegion | undefined {
    return this.#byIndex.get(index);
  }

  /** Drops the regions of a page that have an instruction with bytes in `[start, end)`. */
  drop(decodedPage: number, start: number, end: number): void {
    const regions = this.#byPage.get(decodedPage);
    if (!regions) return;
    for (const region of regions) {
      if (region.start < end && region.end > start && hasBytesIn(region, start, end)) this.remove(region);
    }
  }

  /** Drops the regions of a page that have an instruction at one of these offsets. */
  dropSharing(decodedPage: number, offsets: Iterable<number>): void {
    for (const offset of offsets) {
      for (const region of this.of(decodedPage)) if (region.offsets.has(offset)) this.remove(region);
    }
  }

  remove(region: InstalledRegion): void {
    const { index, decodedPage, entries } = region;
    if (this.#byIndex.get(index) !== region) return;
    this.#byIndex.delete(index);
    this.table.set(index, null);
    this.#free.push(index);
    const rest = this.#byPage.get(decodedPage)!.filter((other) => other !== region);
    if (rest.length > 0) this.#byPage.set(decodedPage, rest);
    else this.#byPage.delete(decodedPage);
    for (const offset of entries) {
      const entry = entryAt(decodedPage, offset);
      const handler = this.#view.getUint16(entry + Entry.handler, true);
      if (handler === Handler.translated && this.#view.getUint16(entry + Entry.region, true) === index) {
        this.#restore(entry);
      }
    }
    this.onDrop(region);
  }
}

/** An instruction may have four bytes. */
const hasBytesIn = ({ offsets }: InstalledRegion, start: number, end: number): boolean => {
  for (let offset = (start & ~1) - 2; offset < end; offset += 2) if (offsets.has(offset)) return true;
  return false;
};

const entryAt = (decodedPage: number, offset: number): number => decodedPage + (offset / 2) * Entry.size;
