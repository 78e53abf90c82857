import { Handler } from '../wasm/handlers';
import { DecodedPage, Entry, OneOff } from '../wasm/layout';
import type { EntryWriter } from './decoded-entry';

/**
 * Slots for single decoded instructions: those that lie across two pages, of which the second can be another one in another
 * address space, and those under a breakpoint that does not stop now. Slot 0 is for the latter, and its `next` never matches.
 */
export class OneOffSlots {
  /** What a straddling entry refers to before it has a slot. */
  static readonly none: number = OneOff.start;

  readonly #view: DataView;
  readonly #writer: EntryWriter;
  /** The straddling entry that each slot belongs to, 0 if none. */
  readonly #owners = new Uint32Array(OneOff.count);
  #next = 1;

  constructor(view: DataView, writer: EntryWriter) {
    this.#view = view;
    this.#writer = writer;
    for (let slot = 0; slot < OneOff.count; slot++) {
      for (const fallThrough of [1, 2]) {
        view.setUint16(slotAddress(slot) + fallThrough * Entry.size, Handler.pageEnd, true);
      }
    }
  }

  /** A slot for one execution of this instruction. */
  once(bits: number): number {
    this.#writer.write(OneOffSlots.none, bits, NaN);
    return OneOffSlots.none;
  }

  /** A slot for the instruction of `entry` whose second half lies in `nextPage`, for as long as both are what they are. */
  keep(entry: number, nextPage: number, bits: number): number {
    const slot = this.#next;
    this.#next = (slot % (OneOff.count - 1)) + 1;
    this.#forget(slot);
    const address = slotAddress(slot);
    this.#writer.write(address, bits, NaN);
    this.#view.setUint32(address + OneOff.next, nextPage, true);
    this.#view.setUint32(entry + Entry.oneOff, address, true);
    this.#owners[slot] = entry;
    return address;
  }

  /** The first halfword of this decoded page may have changed. */
  forgetSecondHalves(decodedPage: number): void {
    for (let slot = 1; slot < OneOff.count; slot++) {
      if (this.#view.getUint32(slotAddress(slot) + OneOff.next, true) === decodedPage) this.#forget(slot);
    }
  }

  /** This decoded page goes away. */
  forgetPage(decodedPage: number): void {
    this.forgetSecondHalves(decodedPage);
    this.#owners.forEach((owner, slot) => {
      if (owner >= decodedPage && owner < decodedPage + DecodedPage.size) this.#forget(slot);
    });
  }

  #forget(slot: number): void {
    const owner = this.#owners[slot]!;
    if (owner === 0) return;
    if (this.#view.getUint16(owner + Entry.handler, true) === Handler.straddle) {
      this.#view.setUint32(owner + Entry.oneOff, OneOffSlots.none, true);
    }
    this.#view.setUint32(slotAddress(slot) + OneOff.next, 0, true);
    this.#owners[slot] = 0;
  }
}

const slotAddress = (slot: number): number => OneOff.start + slot * OneOff.size;
