const PAGE_MASK = ~0xfffn;

/** Addresses at which harts stop, found by page. */
export class Breakpoints {
  #addresses: ReadonlySet<bigint> = new Set();
  /** Offsets in the page, by page. */
  readonly #byPage = new Map<bigint, number[]>();

  get any(): boolean {
    return this.#addresses.size > 0;
  }

  has(pc: bigint): boolean {
    return this.#addresses.has(pc);
  }

  /** Offsets of the breakpoints in a virtual page. */
  inPage(page: bigint): readonly number[] {
    return this.#byPage.get(page) ?? [];
  }

  /** Odd addresses are no instruction's and are left out. */
  replace(addresses: Iterable<bigint>): void {
    this.#addresses = new Set([...addresses].filter((address) => (address & 1n) === 0n));
    this.#byPage.clear();
    for (const address of this.#addresses) {
      const page = address & PAGE_MASK;
      const offsets = this.#byPage.get(page);
      if (offsets) offsets.push(Number(address - page));
      else this.#byPage.set(page, [Number(address - page)]);
    }
  }
}
