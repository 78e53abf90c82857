/** Breakpoints of all kinds share one numbering: a person names them by it, and a client gets it as their ids. */
export class BreakpointNumbers {
  #last = 0;

  /** Never given twice in a session. */
  next(): number {
    return ++this.#last;
  }
}
