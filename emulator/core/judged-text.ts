import type { AddressRange, Text } from '../api';
import { PAGE_SIZE } from './guest-memory';

const PAGE = BigInt(PAGE_SIZE);
const HALFWORD = 2;
const none: readonly number[] = [];

/** Where S-mode and M-mode have their code, if that is known: what is elsewhere is not to be executed unseen. */
export class JudgedText {
  #text: { readonly physical: Ranges; readonly virtual: Ranges } | undefined;

  /** False while everything counts as text. */
  get isJudged(): boolean {
    return this.#text !== undefined;
  }

  replace(text: Text | undefined): void {
    this.#text = text && { physical: new Ranges(text.physical), virtual: new Ranges(text.virtual) };
  }

  has(pc: bigint, physical: number): boolean {
    const text = this.#text;
    return text === undefined || text.virtual.has(pc) || text.physical.has(BigInt(physical));
  }

  /** Offsets in a page, and the page of RAM that it is mapped to, at which an instruction would begin outside of it. */
  outsideInPage(page: bigint, physical: number): readonly number[] {
    const text = this.#text;
    if (!text) return none;
    const frame = BigInt(physical);
    if (text.physical.hasPage(frame) || text.virtual.hasPage(page)) return none;
    const offsets: number[] = [];
    for (let offset = 0; offset < PAGE_SIZE; offset += HALFWORD) {
      const at = BigInt(offset);
      if (!text.physical.has(frame + at) && !text.virtual.has(page + at)) offsets.push(offset);
    }
    return offsets;
  }
}

class Ranges {
  /** Apart from each other, none empty: few. */
  readonly #ranges: readonly AddressRange[];
  /** The one that was found last: most pages that are asked for are of the same one. */
  #last: AddressRange | undefined;

  constructor(ranges: readonly AddressRange[]) {
    this.#ranges = merged(ranges);
  }

  has(address: bigint): boolean {
    return this.#at(address) !== undefined;
  }

  hasPage(page: bigint): boolean {
    const range = this.#at(page);
    return range !== undefined && range.end >= page + PAGE;
  }

  #at(address: bigint): AddressRange | undefined {
    if (this.#last && contains(this.#last, address)) return this.#last;
    const found = this.#ranges.find((range) => contains(range, address));
    if (found) this.#last = found;
    return found;
  }
}

const contains = ({ start, end }: AddressRange, address: bigint): boolean =>
  address >= start && address < end;

function merged(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const sorted = ranges.filter(({ start, end }) => start < end).sort((a, b) => (a.start < b.start ? -1 : 1));
  const apart: AddressRange[] = [];
  for (const range of sorted) {
    const last = apart.at(-1);
    if (!last || range.start > last.end) apart.push(range);
    else if (range.end > last.end) apart[apart.length - 1] = { start: last.start, end: range.end };
  }
  return apart;
}
