/** Reads what the names of an expression may need, before it is bound: binding does not wait, and would read all of a kernel's names at once. */
import type { Debuggee } from '../api';
import { registerIndex } from '../registers';

/** Not in numbers, and not behind `$` or a point. */
const words = /(?<![\w$.])[A-Za-z_]\w*/g;

/**
 * Long work the first time that an expression has more than numbers and registers in it, with progress; nothing afterwards.
 * @throws Cancelled
 */
export async function prepareNames(
  texts: readonly (string | undefined)[],
  debuggee: Pick<Debuggee, 'program' | 'target' | 'perform'>,
): Promise<void> {
  if (texts.some((text) => text !== undefined && hasNames(text, debuggee))) await readNames(debuggee);
}

/** For all names, and the definitions of what a file only declares. @throws Cancelled */
export async function readNames({ program, perform }: Pick<Debuggee, 'program' | 'perform'>): Promise<void> {
  const { debug } = program;
  if (debug && !debug.knowsNames) await perform('Reading the names of the program', debug.readNames());
}

function hasNames(text: string, { target }: Pick<Debuggee, 'target'>): boolean {
  const isRegister = (word: string) =>
    word === 'pc' ||
    registerIndex(word, (index) => target.registerName(index)) !== undefined ||
    target.csrs.some(({ name }) => name === word);
  return (text.match(words) ?? []).some((word) => !isRegister(word));
}
