/** References of what has variables in it, as a client holds them for one stop. */
import { Handles } from '../handles';
import type { VariableContainer } from './variable';

interface Referred {
  readonly container: VariableContainer;
  /** Makes it from what there is after an edit. */
  readonly again: () => VariableContainer | undefined;
  /** Of how many edits it knows. */
  readonly edits: number;
}

/**
 * A scope of a frame, the value of an expression in it, or a variable below one has one reference at a stop. After an edit it
 * is made anew when it is asked for: where variables are and what they point to may be different.
 */
export class VariableReferences {
  readonly #handles = new Handles<Referred>();
  #edits = 0;

  /** @param again what it is after an edit; `undefined` if it is no more */
  of(key: string, container: VariableContainer, again: Referred['again']): number {
    return this.#handles.set(key, { container, again, edits: this.#edits });
  }

  /** Of a variable of another container; `nth` of those that have its name there. */
  below(parent: number, name: string, nth: number, container: VariableContainer): number {
    return this.of(`${parent}/${nth}/${name}`, container, () => {
      const found = this.get(parent);
      if (nth === 0 && found?.find) return found.find(name)?.children;
      return found?.list().filter((one) => one.name === name)[nth]?.children;
    });
  }

  /** `undefined` for one of an earlier stop, or that an edit has taken away. */
  get(reference: number): VariableContainer | undefined {
    const referred = this.#handles.get(reference);
    if (!referred || referred.edits === this.#edits) return referred?.container;
    return referred.again();
  }

  edited(): void {
    this.#edits++;
  }

  clear(): void {
    this.#handles.clear();
  }
}
