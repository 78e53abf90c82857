/** `scopes`, `variables` and `setVariable`. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { CsrGroup, csrGroups, type Editor } from './csr-variables';
import { announceChange } from '../edits';
import { staleVariables } from '../errors';
import { evaluateOrThrow } from '../console/expressions';
import { FloatScope } from './float-variables';
import { frameScope, taskScope } from './frame-variables';
import type { EventSink } from '../protocol/dispatcher';
import type { Handlers } from '../protocol/requests';
import { RegisterScope } from './register-variables';
import type { SelectedFrame, SessionState } from '../state';
import { toDap, type VariableContainer } from './variable';

export function variableHandlers(
  state: SessionState,
  events: EventSink,
): Handlers<'scopes' | 'variables' | 'setVariable'> {
  return {
    scopes(args) {
      state.stoppedDebuggee('see its registers');
      return { scopes: scopesOf(state.frame(args.frameId), state, events) };
    },

    variables(args) {
      state.stoppedDebuggee('see its variables');
      const container = state.variables.get(args.variablesReference);
      if (!container) throw staleVariables();
      const start = Math.max(0, args.start ?? 0);
      const all = args.filter === 'indexed' ? [] : container.list();
      const page = all.slice(start, args.count ? start + args.count : undefined);
      return { variables: page.map((variable) => toDap(variable, state)) };
    },

    setVariable(args) {
      state.stoppedDebuggee('change it');
      const container = state.variables.get(args.variablesReference);
      if (!container) throw staleVariables();
      const { value, variablesReference, type } = toDap(container.assign(args.name, args.value), state);
      return { value, variablesReference, ...(type !== undefined && { type }) };
    },
  };
}

/** Changes what a frame shows; the client is told that call stacks may differ now. */
export function editorOf(frame: SelectedFrame, state: SessionState, events: EventSink): Editor {
  return {
    evaluate: (text) => evaluateOrThrow(text, frame, state.debuggee),
    changed: () => announceChange(state, events, 'all'),
  };
}

function scopesOf(frame: SelectedFrame, state: SessionState, events: EventSink): Dap.Scope[] {
  const { debuggee } = state;
  const { hart, stack } = frame;
  const editor = editorOf(frame, state, events);
  const scope = (name: string, container: VariableContainer, presentationHint?: string): Dap.Scope => ({
    name,
    variablesReference: state.variables.add(container),
    expensive: false,
    ...(presentationHint !== undefined && { presentationHint }),
  });
  const ofTask = [
    scope('Registers', new RegisterScope(frame, debuggee, editor), 'registers'),
    scope('Frame', frameScope(frame, debuggee)),
    ...(stack.task ? [scope('Task', taskScope(stack.task, hart, debuggee))] : []),
  ];
  // A task that waits has no floating-point registers and CSRs that anybody could show.
  if (stack.walk.frames[0]?.origin.kind === 'thread') return ofTask;
  return [
    ...ofTask,
    ...(hart.getF(0) === undefined
      ? []
      : [scope(`Float registers (hart ${hart.index} now)`, new FloatScope(hart, debuggee, editor))]),
    ...csrGroups.flatMap(({ name, level }) => {
      const group = new CsrGroup(level, hart, debuggee, editor);
      return group.isEmpty ? [] : [scope(`${name} (hart ${hart.index} now)`, group)];
    }),
  ];
}
