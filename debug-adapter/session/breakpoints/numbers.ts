import { noSuchBreakpoint } from '../errors';

/** Breakpoints of all kinds share one numbering: a person names them by it, and a client gets it as their ids. */
export class BreakpointNumbers {
  #last = 0;

  /** Never given twice in a session. */
  next(): number {
    return ++this.#last;
  }
}

/**
 * Those among `known` that a person names: `3`, `1 4`, `2-5`.
 * @throws RequestError for what names none of them
 */
export function numbersNamed(text: string, known: readonly number[]): readonly number[] {
  const named = text.split(' ').flatMap((word) => {
    const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(word) ?? [];
    const meant = known.filter((id) => id >= Number(first) && id <= Number(last));
    if (meant.length === 0) throw noSuchBreakpoint(word);
    return meant;
  });
  return [...new Set(named)];
}
