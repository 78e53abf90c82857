/** A map from numbers to numbers, both from 0 to 2³¹ - 1, without an object for each: of a kernel's names there are some hundred thousand. */
export class NumberMap {
  /** Keys and values in turn, keys plus one: 0 is a free place. The number of places is a power of two. */
  #places = new Uint32Array(2 << 10);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** -1 for a key that was not set. */
  get(key: number): number {
    const at = this.#find(key);
    return this.#places[at] === 0 ? -1 : this.#places[at + 1]!;
  }

  /** Of a key that has no value yet. */
  add(key: number, value: number): void {
    const at = this.#find(key);
    this.#places[at] = key + 1;
    this.#places[at + 1] = value;
    if (++this.#count * 4 > this.#places.length) this.#grow();
  }

  #find(key: number): number {
    const mask = this.#places.length - 2;
    // Fibonacci hashing: the upper bits of the product depend on all of the key.
    let at = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
    while (this.#places[at] !== 0 && this.#places[at] !== key + 1) at = (at + 2) & mask;
    return at;
  }

  #grow(): void {
    const old = this.#places;
    this.#places = new Uint32Array(old.length * 2);
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0) continue;
      const at = this.#find(old[i]! - 1);
      this.#places[at] = old[i]!;
      this.#places[at + 1] = old[i + 1]!;
    }
  }
}
