/** A cache that keeps what was used last, up to a total cost. */
export class Recent<K, V> {
  readonly #entries = new Map<K, { readonly value: V; readonly cost: number }>();
  readonly #mostCost: number;
  #cost = 0;

  constructor(mostCost: number) {
    this.#mostCost = mostCost;
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // Entries of a Map are in the order in which they were put there: the least used one is first.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Puts a value in; the last one stays however much it costs. */
  set(key: K, value: V, cost: number): void {
    this.#entries.set(key, { value, cost });
    this.#cost += cost;
    for (const [oldest, entry] of this.#entries) {
      if (this.#cost <= this.#mostCost || oldest === key) break;
      this.#entries.delete(oldest);
      this.#cost -= entry.cost;
    }
  }
}
