import { Handler } from '../wasm/handlers';
import { Entry, GuardedPage as Layout } from '../wasm/layout';
import type { EntryWriter } from './decoded-entry';

/**
 * Where instructions of pages execute that physical memory protection does not treat alike everywhere: each is fetched anew, with a
 * check of all its bytes. The page never enters a TLB, and but for the one instruction all its entries lead back to the fetch.
 */
export class GuardedPage {
  readonly #view: DataView;
  readonly #writer: EntryWriter;
  #last: number = Layout.start;

  constructor(view: DataView, writer: EntryWriter) {
    this.#view = view;
    this.#writer = writer;
    for (let at = 0; at < Layout.size; at += Entry.size) this.#clear(Layout.start + at);
  }

  /** The page, with this instruction at an offset of it in place of the one before. */
  place(offset: number, bits: number): number {
    this.#clear(this.#last);
    this.#last = Layout.start + (offset / 2) * Entry.size;
    this.#writer.write(this.#last, bits, NaN);
    return Layout.start;
  }

  #clear(entry: number): void {
    this.#view.setUint16(entry, Handler.pageEnd, true);
  }
}
