/** The registers of the stop before, so that it can be said which have changed since. */
import type { CsrDescription, TargetHart } from '../target/target';

const integers = Array.from({ length: 32 }, (_, index) => index);

type Values = ReadonlyMap<string, bigint | undefined>;

export class RegisterHistory {
  readonly #before = new Map<TargetHart, Values>();

  /** To be told when the machine is about to go on. */
  remember(harts: readonly TargetHart[], csrs: readonly CsrDescription[]): void {
    for (const hart of harts) {
      const values = new Map<string, bigint | undefined>([['pc', hart.pc]]);
      for (const index of integers) {
        values.set(`x${index}`, hart.getX(index));
        values.set(`f${index}`, hart.getF(index));
      }
      for (const { name, address } of csrs) values.set(name, hart.getCsr(address));
      this.#before.set(hart, values);
    }
  }

  /** @param name `pc`, `x0` to `x31`, `f0` to `f31`, or that of a CSR */
  changed(hart: TargetHart, name: string, value: bigint | undefined): boolean {
    const before = this.#before.get(hart);
    return before !== undefined && before.get(name) !== value;
  }

  clear(): void {
    this.#before.clear();
  }
}
