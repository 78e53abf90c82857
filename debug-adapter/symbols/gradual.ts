/** Something large that is made once: a little at a time while nobody asks for it, and at once when somebody does. */
import { finish, type Steps } from './steps';

export class Gradual<T> {
  readonly #steps: () => Steps<T>;
  #begun: Steps<T> | undefined;
  #made: { readonly value: T } | undefined;

  constructor(steps: () => Steps<T>) {
    this.#steps = steps;
  }

  get value(): T {
    this.#made ??= { value: finish(this.#begin()) };
    return this.#made.value;
  }

  /** Goes on with it, from wherever it is. */
  *prepare(): Steps<void> {
    while (!this.#made) {
      const { done, value } = this.#begin().next();
      if (done) this.#made = { value };
      else yield value;
    }
  }

  #begin(): Steps<T> {
    return (this.#begun ??= this.#steps());
  }
}
