/** `scopes`, `variables` and `setVariable`. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { isAssembly } from '../../debugger/code';
import { CsrGroup, csrGroups, type Editor } from './csr-variables';
import { announceChange } from '../edits';
import { staleVariables } from '../errors';
import { prepareNames, readNames } from '../../debugger/expression/prepare-names';
import { evaluateOrThrow, standpointIn } from '../console/expressions';
import type { NumberFormat } from '../../debugger/values/format';
import { FloatScope } from './float-variables';
import { frameScope, taskScope } from './frame-variables';
import { fileVariables, functionOf, localVariables } from './local-variables';
import type { ValueView } from './c-values';
import type { EventSink } from '../protocol/dispatcher';
import type { Handlers } from '../protocol/requests';
import { RegisterScope } from './register-variables';
import type { SelectedFrame } from '../call-stacks';
import type { SessionState } from '../state';
import { withoutAnnotation } from './value-formats';
import { toDap, type Variable, type VariableContainer } from './variable';

export function variableHandlers(
  state: SessionState,
  events: EventSink,
): Handlers<'scopes' | 'variables' | 'setVariable'> {
  return {
    scopes(args) {
      if (state.hasGoneOn && !state.findFrame(args.frameId)) return { scopes: [] };
      return { scopes: scopesOf(args.frameId, state, events).map(({ scope }) => scope) };
    },

    async variables(args) {
      const container = state.variables.get(args.variablesReference);
      if (!container && state.hasGoneOn) return { variables: [] };
      if (!container) throw staleVariables();
      if (container.needsNames) await readNames(state.debuggee);
      const format = args.format?.hex === true ? 'hex' : undefined;
      const page = state.formats.during(format, () => pageOf(container, args));
      return {
        variables: page.map(({ variable, nth }) =>
          toDap(variable, (children) =>
            state.variables.below(args.variablesReference, variable.name, nth, children),
          ),
        ),
      };
    },

    async setVariable(args) {
      await prepareNames([args.value], state.stoppedDebuggee('change it'));
      const container = state.variables.get(args.variablesReference);
      if (!container) throw staleVariables();
      const { value, variablesReference, type } = toDap(container.assign(args.name, args.value), (children) =>
        state.variables.below(args.variablesReference, args.name, 0, children),
      );
      return { value, variablesReference, ...(type !== undefined && { type }) };
    },
  };
}

/** Elements that are listed if the client asks for all of them. */
const mostElements = 1000;

/** A variable, and how many others of its name stand before it. */
interface Numbered {
  readonly variable: Variable;
  readonly nth: number;
}

function pageOf(container: VariableContainer, args: Dap.VariablesArguments): readonly Numbered[] {
  const start = Math.max(0, args.start ?? 0);
  const { elements } = container;
  if (elements) {
    if (args.filter === 'named') return [];
    const page = elements.page(start, args.count ? Math.min(args.count, mostElements) : mostElements);
    return page.map((variable) => ({ variable, nth: 0 }));
  }
  const all = args.filter === 'indexed' ? [] : container.list();
  const times = new Map<string, number>();
  const numbered = all.map((variable) => {
    const nth = times.get(variable.name) ?? 0;
    times.set(variable.name, nth + 1);
    return { variable, nth };
  });
  return numbered.slice(start, args.count ? start + args.count : undefined);
}

/** Changes what a frame shows; the client is told that call stacks may differ now. */
export function editorOf(frame: SelectedFrame, state: SessionState, events: EventSink): Editor {
  return {
    evaluate: (text) => evaluateOrThrow(withoutAnnotation(text), frame, state.debuggee),
    changed: (what) => announceChange(state, events, what === 'stacks' ? 'all' : 'variables'),
    say: (sentence) => events.event('output', { category: 'console', output: `${sentence}\n` }),
    formatOf: (register) => state.formats.of(register),
  };
}

/** How a frame's C values are read, shown and changed. */
export function viewOf(
  frame: SelectedFrame,
  state: SessionState,
  events: EventSink,
  format?: NumberFormat,
): ValueView {
  const { debuggee } = state;
  const changed = () => announceChange(state, events, 'all');
  return { standpoint: standpointIn(frame, debuggee), debuggee, format, changed };
}

interface FrameScope {
  readonly scope: Dap.Scope;
  readonly container: VariableContainer;
}

function scopesOf(frameId: number, state: SessionState, events: EventSink): readonly FrameScope[] {
  const { debuggee } = state;
  const frame = state.frame(frameId);
  const { hart, stack } = frame;
  const editor = editorOf(frame, state, events);
  const scope = (
    name: string,
    container: VariableContainer,
    presentationHint?: string,
    expensive = false,
  ): FrameScope => {
    const again = () => scopesOf(frameId, state, events).find((one) => one.scope.name === name)?.container;
    const variablesReference = state.variables.of(`${frameId}:${name}`, container, again);
    const hint = presentationHint !== undefined && { presentationHint };
    return { scope: { name, variablesReference, expensive, ...hint }, container };
  };
  const view = viewOf(frame, state, events);
  // An assembler describes its functions as well, which have no variables. A client opens the first scope: there, the registers.
  const { source } = frame.row.location;
  const code = source && isAssembly(source.file) ? undefined : functionOf(view);
  const ofTask = [
    ...(code ? [scope('Locals', localVariables(code, view), 'locals')] : []),
    scope('Registers', new RegisterScope(frame, debuggee, editor), 'registers'),
    scope('Frame', frameScope(frame, debuggee)),
    ...(stack.task ? [scope('Task', taskScope(stack.task, hart, debuggee))] : []),
    ...(code ? [scope('Statics of the file', fileVariables(view), undefined, true)] : []),
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
