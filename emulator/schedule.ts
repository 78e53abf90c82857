/**
 * Whose turn it is. Harts take turns in a fixed order, a quantum of steps each; one that waits gives the rest of its
 * turn away. What is left of a turn survives the end of a run, so that slicing changes nothing.
 */

/**
 * Steps in a turn: 25 µs of virtual time. Short against what kernels wait for (IPIs, locks), long against the cost of a
 * switch. A single hart has nobody to switch to.
 */
const QUANTUM = 5000;

export class Schedule {
  private readonly harts: number;
  private readonly quantum: number;
  /** Index of the hart whose turn it is. */
  current = 0;
  /** Steps left of the turn. */
  left: number;

  constructor(harts: number) {
    this.harts = harts;
    this.quantum = harts === 1 ? Infinity : QUANTUM;
    this.left = this.quantum;
  }

  spend(steps: number): void {
    this.left -= steps;
    if (this.left === 0) this.next();
  }

  next(): void {
    this.current = (this.current + 1) % this.harts;
    this.left = this.quantum;
  }

  state(): readonly number[] {
    return this.harts === 1 ? [] : [this.current, this.left];
  }
}
