/** `completions`: what can be typed in the debug console. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { Handlers } from '../protocol/requests';
import { commands } from './repl';
import type { SessionState } from '../state';

/** A list is read by a person; more characters narrow it. */
const maxItems = 200;

export function completionHandlers(state: SessionState): Handlers<'completions'> {
  return {
    completions(args) {
      if (!state.isLoaded) return { targets: [] };
      const before = args.text.slice(0, state.client.columnIn(args.column) - 1);
      const [word] = /[\w.$]*$/.exec(before)!;
      const start = before.length - word.length;
      const place = { start: state.client.columnOut(start + 1), length: word.length };
      const items = candidates(state, start === 0, word.startsWith('$') ? '$' : '');
      const targets: Dap.CompletionItem[] = [];
      for (const { label, type, detail } of items) {
        if (!label.startsWith(word)) continue;
        targets.push({ label, type, ...place, ...(detail !== undefined && { detail }) });
        if (targets.length === maxItems) break;
      }
      return { targets };
    },
  };
}

type Candidate = Pick<Dap.CompletionItem, 'label' | 'detail'> & { readonly type: Dap.CompletionItemType };

function* candidates(state: SessionState, atStart: boolean, prefix: '$' | ''): Iterable<Candidate> {
  const { target, program } = state.debuggee;
  if (atStart) {
    for (const { names, help } of commands) yield { label: names[0]!, type: 'keyword', detail: help };
  }
  yield { label: `${prefix}pc`, type: 'variable' };
  for (let index = 0; index < 32; index++) {
    yield { label: `${prefix}${target.registerName(index)}`, type: 'variable' };
  }
  for (const { name, description, address } of target.csrs) {
    if (state.focusedHart.getCsr(address) === undefined) continue;
    yield { label: `${prefix}${name}`, type: 'property', detail: description };
  }
  for (const { name, kind } of program.symbols.symbols) {
    yield { label: name, type: kind === 'object' ? 'value' : 'function' };
  }
}
