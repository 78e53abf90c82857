/** The memory that the client has read and may show, so that it can be told when that changes. */

/** A client forgets views without saying so: the oldest go first. */
const mostViews = 64;

interface MemoryView {
  /** As the client wrote it: by this it knows its view again. */
  readonly memoryReference: string;
  /** Bytes from the reference on, and how many. */
  readonly offset: number;
  readonly count: number;
}

export class MemoryViews {
  readonly #views = new Map<string, MemoryView>();

  /** A range was read: the view of its reference is from its first to its last byte ever read. */
  seen(memoryReference: string, offset: number, count: number): void {
    if (count === 0) return;
    const before = this.#views.get(memoryReference);
    const start = Math.min(offset, before?.offset ?? offset);
    const end = Math.max(offset + count, before ? before.offset + before.count : 0);
    this.#views.delete(memoryReference);
    this.#views.set(memoryReference, { memoryReference, offset: start, count: end - start });
    const [oldest] = this.#views.keys();
    if (this.#views.size > mostViews && oldest !== undefined) this.#views.delete(oldest);
  }

  all(): readonly MemoryView[] {
    return [...this.#views.values()];
  }
}
