/** The code that a function has besides that of its own name: clones that the compiler made of it, and copies inlined in others. */
import type { ProgramSymbol } from '../symbols/api';
import type { Debuggee, Resolution } from './api';
import { prepareNames } from './expression/prepare-names';
import { moduleAt } from './modules';
import { functionBody } from './prologue';
import { initText, mostPlaces, resolved, unresolved } from './resolution';

/** What GCC and clang put behind the name of a clone that is entered by calls; `.cold` is a part that is jumped to. */
const cloneSuffix = /^(?:\.(?:isra|constprop|part|lto_priv|llvm)(?:\.\d+)?)+$/;

/** `devkmsg_emit.constprop.0` for `devkmsg_emit`. */
export function clonesOf(debuggee: Debuggee, name: string): readonly ProgramSymbol[] {
  return debuggee.program.symbols.symbols.filter(
    (symbol) =>
      symbol.kind === 'function' &&
      symbol.name.startsWith(name) &&
      cloneSuffix.test(symbol.name.slice(name.length)) &&
      !moduleAt(debuggee, symbol.address),
  );
}

/**
 * All code of a function that has none of its own name: its clones, and where it begins in others. `undefined` for what neither symbols nor
 * debug information know as a function.
 * @param offset into the function, which has no meaning here
 */
export async function resolveCopies(
  debuggee: Debuggee,
  name: string,
  offset?: bigint,
): Promise<Resolution | undefined> {
  const clones = clonesOf(debuggee, name);
  const bodies = clones.map(({ address }) => functionBody(debuggee, address));
  await prepareNames([name], debuggee);
  const { debug } = debuggee.program;
  const isKnown = debug?.functionType(name) !== undefined;
  if (!isKnown && clones.length === 0) return undefined;
  if (offset !== undefined) {
    return unresolved(
      `'${name}' has no code of its own in this program, only clones or copies inlined in others: leave out the offset, or name a clone (${name}.*).`,
    );
  }
  if (!isKnown) return resolved(debuggee, bodies, name);
  const inlined = await debuggee.perform(
    `Searching for copies of ${name}`,
    debug.inlinedEntries(name, mostPlaces + 1),
  );
  const count = inlined.length + bodies.length;
  if (count === 0) {
    return unresolved(
      `'${name}' has no code of its own in this program, and none that was inlined: it is not used. Set a breakpoint on a function that calls it.`,
    );
  }
  if (count > mostPlaces) {
    return unresolved(
      `'${name}' is inlined in more than ${mostPlaces} places, and a breakpoint can have ${mostPlaces}: set it on a function that calls it.`,
    );
  }
  if (inlined.length === 0) return resolved(debuggee, bodies, name);
  const places = inlined.length === 1 ? '1 place' : `${inlined.length} places`;
  const names = [name, ...clones.map((clone) => clone.name)].join(', ');
  return resolved(debuggee, [...bodies, ...inlined], name, undefined, (kernel, _, armed) =>
    [`${names}, inlined in ${places}`, ...initText(kernel, armed)].join(', '),
  );
}
