/** Long work that its caller may interrupt: each step is short, and says which part of the whole is done (0 to 1). */
export type Steps<T> = Generator<number, T, void>;

/** Does all of it at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
