/** Call frame information by address. Entries are listed when first asked for; rows that were asked for are kept: stacks go through the same calls again. */
import type { CallFrameRow, CallFrameTable, Program } from '../api';
import { lastAtOrBefore, toSigned } from './addresses';
import { FrameEntries, type FrameSection, type ListedEntry } from './call-frame-entries';
import { rowAt } from './call-frame-program';
import { Recent } from './recent';

/** FDEs in the order of their addresses, which are signed values in doubles as in the line tables. */
interface Index {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly offsets: Float64Array;
  /** Index of the section that the FDE is in. */
  readonly sections: Uint8Array;
}

/** Rows that are kept, by address. */
const MOST_ROWS = 1024;

export class DwarfCallFrames implements CallFrameTable {
  readonly #load: () => readonly FrameSection[];
  readonly #text: Program['text'];
  readonly #warnings: string[];
  #sections: readonly FrameEntries[] = [];
  #index: Index | undefined;
  readonly #rows = new Recent<bigint, CallFrameRow>(MOST_ROWS);

  /**
   * @param load The sections, unpacked; where two describe the same address, the first counts.
   * @param text Where the program has code: what describes other addresses belongs to functions that the linker has dropped.
   */
  constructor(load: () => readonly FrameSection[], text: Program['text'], warnings: string[]) {
    this.#load = load;
    this.#text = text;
    this.#warnings = warnings;
  }

  at(address: bigint): CallFrameRow | undefined {
    let row = this.#rows.get(address);
    if (row === undefined) {
      row = this.#find(address);
      if (row !== undefined) this.#rows.set(address, row, 1);
    }
    return row;
  }

  #find(address: bigint): CallFrameRow | undefined {
    const { starts, ends, offsets, sections } = (this.#index ??= this.#list());
    const at = toSigned(address);
    const found = lastAtOrBefore(starts.length, (index) => starts[index]!, at);
    if (found < 0 || at >= ends[found]!) return undefined;
    const entries = this.#sections[sections[found]!]!;
    const description = entries.description(offsets[found]!);
    return description && rowAt(entries.section, description, address);
  }

  #list(): Index {
    this.#sections = this.#load().map((section) => new FrameEntries(section));
    const [starts, ends, offsets, sections]: [number[], number[], number[], number[]] = [[], [], [], []];
    const text = this.#text.map(({ start, end }) => ({ start: toSigned(start), end: toSigned(end - 1n) }));
    const isText = (at: number) => text.some(({ start, end }) => at >= start && at <= end);
    this.#sections.forEach((entries, section) => {
      for (const { offset, description } of this.#descriptions(entries)) {
        if (description === undefined) {
          this.#warn(`An entry of ${entries.section.name} cannot be read: its call frames are left out.`);
          continue;
        }
        const start = toSigned(description.start);
        if (description.start === description.end || !isText(start)) continue;
        starts.push(start);
        ends.push(toSigned(description.end - 1n) + 1);
        offsets.push(offset);
        sections.push(section);
      }
    });
    // Of those that begin at the same address the last one is found.
    const order = Uint32Array.from(starts.keys()).sort((a, b) => starts[a]! - starts[b]! || b - a);
    const sorted = (values: readonly number[]) => Float64Array.from(order, (index) => values[index]!);
    return {
      starts: sorted(starts),
      ends: sorted(ends),
      offsets: sorted(offsets),
      sections: Uint8Array.from(order, (index) => sections[index]!),
    };
  }

  /** A section's FDEs. */
  *#descriptions(entries: FrameEntries): Iterable<ListedEntry> {
    const damage = yield* entries.descriptions();
    if (damage === undefined) return;
    const where = `Section ${entries.section.name} is damaged at 0x${damage.toString(16)}`;
    this.#warn(`${where}: call frames after it are left out.`);
  }

  #warn(sentence: string): void {
    if (!this.#warnings.includes(sentence)) this.#warnings.push(sentence);
  }
}
