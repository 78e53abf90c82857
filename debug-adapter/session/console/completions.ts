/** `completions`: what can be typed in the debug console. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { helperDescriptions } from '../../debugger/expression/helpers';
import { prepareNames } from '../../debugger/expression/prepare-names';
import { typeAt } from '../../debugger/expressions';
import type { CAggregate } from '../../symbols/c-types';
import { isAggregate, plain } from '../../symbols/expression/types';
import { typeText } from '../../symbols/expression/type-text';
import type { Handlers } from '../protocol/requests';
import type { SelectedFrame } from '../call-stacks';
import type { SessionState } from '../state';
import type { Command } from './command';
import { standpointIn } from './expressions';
import { operandBefore } from './operand-before';
import type { Repl } from './repl';

/** A list is read by a person; more characters narrow it. */
const maxItems = 200;

type Candidate = Pick<Dap.CompletionItem, 'label' | 'detail'> & { readonly type: Dap.CompletionItemType };

export function completionHandlers(state: SessionState, repl: Repl): Handlers<'completions'> {
  return {
    async completions(args) {
      if (!state.isLoaded) return { targets: [] };
      const before = args.text.slice(0, state.client.columnIn(args.column) - 1);
      const operand = operandBefore(before);
      if (operand !== undefined) await prepareNames([operand], state.debuggee);
      const frame = frameOf(args.frameId, state);
      const members = membersBehind(operand, frame, state);
      const [word] = members ? /\w*$/.exec(before)! : /[\w.$]*$/.exec(before)!;
      const start = before.length - word.length;
      const place = { start: state.client.columnOut(start + 1), length: word.length };
      const items =
        members ??
        candidates(state, start === 0 ? repl.commands : [], word.startsWith('$') ? '$' : '', frame);
      const targets: Dap.CompletionItem[] = [];
      const add = ({ label, type, detail }: Candidate) =>
        targets.push({ label, type, ...place, ...(detail !== undefined && { detail }) });
      for (const item of items) {
        if (item.label.startsWith(word)) add(item);
        if (targets.length === maxItems) break;
      }
      const tag = /\b(struct|union|enum) +$/.exec(before.slice(0, start))?.[1];
      if (!members) for (const item of await typesAndVariables(word, tag, targets, state)) add(item);
      return { targets };
    },
  };
}

/** While the machine runs there is no frame, and what a stale id means does not matter to somebody who types. */
function frameOf(id: number | undefined, state: SessionState): SelectedFrame | undefined {
  if (state.running) return undefined;
  return (id === undefined ? undefined : state.findFrame(id)) ?? state.liveFrame(state.focusedHart);
}

/** The members of what is before a `.` or `->`; `undefined` if it is no structure. */
function membersBehind(
  operand: string | undefined,
  frame: SelectedFrame | undefined,
  { debuggee }: SessionState,
): readonly Candidate[] | undefined {
  if (operand === undefined || !frame) return undefined;
  const found = typeAt(operand, standpointIn(frame, debuggee), debuggee);
  if (!found.ok) return undefined;
  const type = plain(found.type);
  const target = type.kind === 'pointer' ? plain(type.target) : type;
  return isAggregate(target) ? [...memberCandidates(target, 0)] : undefined;
}

/** With those of anonymous structures, which are members as well. */
function* memberCandidates({ members }: CAggregate, depth: number): Iterable<Candidate> {
  for (const { name, type } of members) {
    if (name !== undefined) yield { label: name, type: 'field', detail: typeText(type) };
    const inner = plain(type);
    if (name === undefined && isAggregate(inner) && depth < 8) yield* memberCandidates(inner, depth + 1);
  }
}

function* candidates(
  state: SessionState,
  commands: readonly Command[],
  prefix: '$' | '',
  frame: SelectedFrame | undefined,
): Iterable<Candidate> {
  const { target, program } = state.debuggee;
  for (const { names, help } of commands) yield { label: names[0]!, type: 'keyword', detail: help };
  if (prefix === '') yield* localCandidates(frame, state);
  else {
    for (const { name, usage, help } of helperDescriptions)
      yield { label: `$${name}`, type: usage.includes('(') ? 'function' : 'variable', detail: help };
  }
  yield { label: `${prefix}pc`, type: 'variable' };
  for (let index = 0; index < 32; index++) {
    yield { label: `${prefix}${target.registerName(index)}`, type: 'variable' };
  }
  for (const { name, description, address } of target.csrs) {
    if (state.focusedHart.getCsr(address) === undefined) continue;
    yield { label: `${prefix}${name}`, type: 'property', detail: description };
  }
  if (prefix === '$') return;
  for (const { name, kind } of program.symbols.symbols) {
    yield { label: name, type: kind === 'object' ? 'value' : 'function' };
  }
}

function* localCandidates(frame: SelectedFrame | undefined, { debuggee }: SessionState): Iterable<Candidate> {
  if (!frame) return;
  const standpoint = standpointIn(frame, debuggee);
  const scope = debuggee.program.debug?.functionsAt(standpoint.frame.pc)[standpoint.inlined ?? 0];
  for (const { variables } of scope?.blocks ?? []) {
    for (const { name, type } of variables) yield { label: name, type: 'variable', detail: typeText(type) };
  }
}

/** What debug information knows beside the symbols: asked behind a tag, and where nothing else is found, as the first time takes a while. */
async function typesAndVariables(
  word: string,
  tag: string | undefined,
  found: readonly Dap.CompletionItem[],
  { debuggee }: SessionState,
): Promise<readonly Candidate[]> {
  const { debug } = debuggee.program;
  const most = maxItems - found.length;
  if (!debug || most <= 0 || !/^[A-Za-z_]\w+$/.test(word)) return [];
  if (tag === undefined && found.length > 0) return [];
  const prefix = tag === undefined ? '' : `${tag} `;
  const names = await debuggee.perform(
    `Searching for names with ${word}`,
    debug.names(`${prefix}${word}`, most),
  );
  const known = new Set(found.map(({ label }) => label));
  return names
    .map((name) => name.slice(prefix.length))
    .filter((name) => !known.has(name))
    .map((label) => ({ label, type: 'class' as const }));
}
