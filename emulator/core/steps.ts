import type { Registers } from './registers';

/**
 * Counts the steps of a hart. The interpreter counts down the budget in the registers' block; all else follows from where that
 * count would reach zero, so nothing has to be added up while it runs.
 */
export class Steps {
  readonly #registers: Registers;
  /** What `count` will be when the budget reaches zero. */
  #atZero = 0;
  /** Traps taken: steps that retired no instruction. */
  traps = 0;
  /** True while the interpreter runs, that is, inside its imports. */
  running = false;

  constructor(registers: Registers) {
    this.#registers = registers;
  }

  /** Instructions completed, with the one at hand, plus traps taken. */
  get count(): number {
    return this.#atZero - Math.max(this.#registers.budget, 0);
  }

  /** Lets the interpreter take so many steps. */
  grant(steps: number): void {
    this.#atZero += steps;
    this.#registers.budget = steps;
  }

  /** Takes back what is left, so that the interpreter returns after the instruction at hand. */
  withdraw(): void {
    this.#atZero = this.count;
    this.#registers.budget = 0;
  }

  /** As `withdraw`, but the interpreter returns at once and leaves the pc as it is in the block. */
  abort(): void {
    this.withdraw();
    this.#registers.budget = -1;
  }

  /** Counts a step that the interpreter did not. */
  add(): void {
    this.#atZero++;
  }
}
