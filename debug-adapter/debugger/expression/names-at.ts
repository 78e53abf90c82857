/** The meaning of names where an expression is evaluated. */
import type { Helper } from '../../symbols/expression/names';
import type { Debuggee } from '../api';
import type { Standpoint } from './frame-machine';
import { createHelpers } from './helpers';
import { ProgramNames } from './program-names';

export function namesAt({ frame, inlined }: Standpoint, debuggee: Debuggee): ProgramNames {
  return new ProgramNames(debuggee, frame.pc, inlined ?? 0, helpersOf(debuggee));
}

const helpers = new WeakMap<Debuggee, ReadonlyMap<string, Helper>>();

function helpersOf(debuggee: Debuggee): ReadonlyMap<string, Helper> {
  let found = helpers.get(debuggee);
  if (!found) helpers.set(debuggee, (found = createHelpers(debuggee)));
  return found;
}
