/**
 * How many instructions to run before the clock is looked at again, from the speed measured so far. The speed of a guest
 * changes by a factor of a hundred between tight loops and device accesses; a chunk is kept so short that even such
 * a change stays well below the 10 ms in which `pause` has to be answered.
 */
export class SliceBudget {
  /** A turn of the event loop belongs to the guest for so long. */
  static readonly turnMilliseconds = 4;
  static readonly #chunkMilliseconds = 0.5;
  static readonly #smallest = 1_000;
  static readonly #largest = 1_000_000;

  #chunk = 20_000;

  /** Instructions for the next chunk. */
  get chunk(): number {
    return this.#chunk;
  }

  /** Takes a measurement of a chunk that ran to its end. Growth is limited to doubling; shrinking is at once. */
  measured(instructions: number, milliseconds: number): void {
    if (instructions === 0) return;
    const perMillisecond = instructions / Math.max(milliseconds, 0.001);
    const ideal = Math.min(perMillisecond * SliceBudget.#chunkMilliseconds, this.#chunk * 2);
    this.#chunk = Math.round(Math.min(Math.max(ideal, SliceBudget.#smallest), SliceBudget.#largest));
  }
}
