/** Steps seen at a place, by offset in the page. */
type Samples = Map<number, number>;

export interface PageSamples {
  readonly samples: ReadonlyMap<number, number>;
  /** Offsets at which control came into the page before it was seen there. */
  readonly arrivals: ReadonlySet<number>;
}

interface Page extends PageSamples {
  readonly samples: Samples;
  readonly arrivals: Set<number>;
  /** Steps in the page. */
  total: number;
  /** Steps at which the page is looked at again. */
  next: number;
}

/** The least that a page must run before somebody looks whether something in it is worth translating, in instructions. */
const LEAST = 48;
/** A page is looked at again when it has run that much longer. */
const AGAIN = 3;

/**
 * A machine that has not run for long yet may be done before much translating pays, for which the translator itself has to be compiled by its
 * host: until it has interpreted so much, in instructions, only pages are looked at that had this share of it.
 */
const SHORT_RUN = 13_500;
const LARGE_SHARE = 1 / 8;

/** Pages that are known at the same time: a guest that runs wild begins anew. */
const MOST_PAGES = 4096;

/** Where the interpreter spends its time, by page of RAM: a sample stands for the steps since the one before. */
export class Profile {
  readonly #least: number;
  readonly #shortRun: number;
  /** Steps interpreted in all. */
  #total = 0;
  readonly #pages = new Map<number, Page>();

  constructor(stepsPerInstruction: number) {
    this.#least = LEAST * stepsPerInstruction;
    this.#shortRun = SHORT_RUN * stepsPerInstruction;
  }

  /**
   * Adds a sample. Leaves what is known of the page if it is time to look at it.
   * @param arrival where control came into the page, if it is known
   */
  add(page: number, offset: number, arrival: number | undefined, steps: number): PageSamples | undefined {
    let found = this.#pages.get(page);
    if (!found) {
      if (this.#pages.size >= MOST_PAGES) this.#pages.clear();
      found = { samples: new Map(), arrivals: new Set(), total: 0, next: this.#least };
      this.#pages.set(page, found);
    }
    found.samples.set(offset, (found.samples.get(offset) ?? 0) + steps);
    if (arrival !== undefined) found.arrivals.add(arrival);
    found.total += steps;
    this.#total += steps;
    if (found.total < found.next) return undefined;
    if (this.#total < this.#shortRun && found.total < this.#total * LARGE_SHARE) return undefined;
    found.next = found.total * AGAIN;
    return found;
  }

  /** What is known of places in a page is done with. */
  clear(page: number, isDone: (offset: number) => boolean): void {
    const found = this.#pages.get(page);
    if (!found) return;
    for (const [offset, steps] of found.samples) {
      if (!isDone(offset)) continue;
      found.total -= steps;
      found.samples.delete(offset);
    }
    for (const offset of found.arrivals) if (isDone(offset)) found.arrivals.delete(offset);
    found.next = Math.max(this.#least, found.total * AGAIN);
  }
}
