import type { I64 } from './expression';
import { temporaries } from './frame';

/** What was computed just before. */
const onStack: I64 = () => undefined;

/** Gives out the locals that values are bound to, as code is written: only then is it known which values are still needed. */
export class Temporaries {
  #used: number;

  /** @param used locals that somebody else uses: the first ones */
  constructor(used = 0) {
    this.#used = used;
  }

  /** Evaluates `value` once; `use` may mention it often. */
  bind(value: I64, use: (value: I64) => I64): I64 {
    return (to) => {
      value(to);
      const temporary = temporaries[this.#used++];
      if (!temporary) throw new Error('semantics bind more values than there are locals');
      temporary.set(onStack)(to);
      use(temporary.get)(to);
      this.#used--;
    };
  }
}
