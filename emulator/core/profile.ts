/** Steps seen at a place, by offset in the page. */
type Samples = Map<number, number>;

interface PageSamples {
  readonly samples: Samples;
  /** Steps in the page. */
  total: number;
  /** Steps at which the page is looked at again. */
  next: number;
}

/** The least that a page must run before somebody looks whether something in it is worth translating, in instructions. */
const LEAST = 32;
/** A page is looked at again when it has run that much longer. */
const AGAIN = 2;

/** Where the interpreter spends its time: a sample stands for the steps since the one before. */
export class Profile {
  readonly #least: number;
  readonly #pages = new Map<number, PageSamples>();

  constructor(stepsPerInstruction: number) {
    this.#least = LEAST * stepsPerInstruction;
  }

  /** Adds a sample. Leaves the page's samples if it is time to look at them. */
  add(page: number, offset: number, steps: number): ReadonlyMap<number, number> | undefined {
    let found = this.#pages.get(page);
    if (!found) this.#pages.set(page, (found = { samples: new Map(), total: 0, next: this.#least }));
    found.samples.set(offset, (found.samples.get(offset) ?? 0) + steps);
    found.total += steps;
    if (found.total < found.next) return undefined;
    found.next = found.total * AGAIN;
    return found.samples;
  }

  /** What is known of these places is done with. */
  clear(page: number, offsets: Iterable<number>): void {
    const found = this.#pages.get(page);
    if (!found) return;
    for (const offset of offsets) {
      found.total -= found.samples.get(offset) ?? 0;
      found.samples.delete(offset);
    }
    found.next = Math.max(this.#least, found.total * AGAIN);
  }

  /** The page stands for other code now. */
  forget(page: number): void {
    this.#pages.delete(page);
  }
}
