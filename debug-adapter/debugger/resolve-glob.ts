/** `*_handler`, `do_page_*`: all functions and labels of such a name, as one breakpoint with many addresses. */
import type { ProgramSymbol } from '../symbols/api';
import type { Steps } from '../symbols/steps';
import type { Debuggee, Resolution } from './api';
import { isCode } from './code';
import { functionBody } from './prologue';
import { initText, mostPlaces, resolved, unresolved } from './resolution';

/** Names that the description has. */
const mostNames = 8;

/** @param pattern with `*` for any characters and `?` for one */
export async function resolveGlob(debuggee: Debuggee, pattern: string): Promise<Resolution> {
  const matches = matching(debuggee, pattern);
  if (matches.length === 0) {
    return unresolved(
      `No function or label is called '${pattern}': * stands for any characters, ? for one. For an address write *0x… or 0x….`,
    );
  }
  if (matches.length > mostPlaces) {
    return unresolved(
      `${matches.length.toLocaleString('en')} functions are called '${pattern}', and a breakpoint can have ${mostPlaces}: write more of the name.`,
    );
  }
  // Where a prologue ends the line table tells, which is read a unit at a time.
  const addresses = await debuggee.perform(`Searching for ${pattern}`, bodies(debuggee, matches));
  return resolved(debuggee, addresses, pattern, undefined, (kernel, _, armed) =>
    [`${pattern}: ${namesOf(matches)}`, ...initText(kernel, armed)].join(', '),
  );
}

function matching(debuggee: Debuggee, pattern: string): readonly ProgramSymbol[] {
  const source = pattern
    .replace(/[.$\\@]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  const named = new RegExp(`^${source}$`);
  return debuggee.program.symbols.symbols.filter(
    ({ name, kind, address }) =>
      (kind === 'function' || kind === 'label') && named.test(name) && isCode(debuggee, address),
  );
}

function* bodies(debuggee: Debuggee, symbols: readonly ProgramSymbol[]): Steps<readonly bigint[]> {
  const addresses: bigint[] = [];
  for (const { address } of symbols) {
    addresses.push(functionBody(debuggee, address));
    yield addresses.length / symbols.length;
  }
  return addresses;
}

function namesOf(symbols: readonly ProgramSymbol[]): string {
  const names = [...new Set(symbols.map(({ name }) => name))];
  const shown = names.slice(0, mostNames).join(', ');
  const count = symbols.length === 1 ? '1 function' : `${symbols.length} functions`;
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
  return `${count}: ${shown}${more}`;
}
