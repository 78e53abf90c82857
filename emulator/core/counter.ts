/** A 64-bit counter that follows another one at a distance, or stands still (mcycle, minstret; priv 1.13 §3.1.10). */
export class Counter {
  readonly #source: () => number;
  /** 1 while an instruction executes that the source does not count yet. */
  readonly #inProgress: () => number;
  #distance = 0n;
  /** The value while it is inhibited. */
  #frozen: bigint | undefined;

  constructor(source: () => number, inProgress: () => number) {
    this.#source = source;
    this.#inProgress = inProgress;
  }

  get value(): bigint {
    return this.#frozen ?? BigInt.asUintN(64, BigInt(this.#source()) + this.#distance);
  }

  /** The instruction after the one that writes reads the value written (priv 1.13 §3.1.10). */
  set value(value: bigint) {
    if (this.#frozen === undefined) this.#distance = value - BigInt(this.#source() + this.#inProgress());
    else this.#frozen = value;
  }

  get inhibited(): boolean {
    return this.#frozen !== undefined;
  }

  set inhibited(inhibited: boolean) {
    if (inhibited === this.inhibited) return;
    const { value } = this;
    this.#frozen = inhibited ? value : undefined;
    if (!inhibited) this.value = value;
  }
}
