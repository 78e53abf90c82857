/** `evaluate` and `setExpression`: expressions for hovers, watches and the debug console, and the console's commands. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { placeText, readPlace, splitPlace, type MemoryPlace } from '../../debugger/memory-place';
import { csrNamed } from '../../debugger/registers';
import { prepareNames } from '../../debugger/expression/prepare-names';
import { evaluateShown } from '../../debugger/expressions';
import { describeWord } from '../../debugger/symbolic';
import { assignTo, cVariable } from '../variables/c-values';
import { csrVariable } from '../variables/csr-variables';
import { badExpression } from '../errors';
import type { EventSink } from '../protocol/dispatcher';
import type { Handlers } from '../protocol/requests';
import { placeOf } from './memory-commands';
import type { Repl } from './repl';
import type { SelectedFrame } from '../call-stacks';
import type { SessionState } from '../state';
import { toDap, type Variable, type VariableContainer } from '../variables/variable';
import { editorOf, viewOf } from '../variables/variables';

type Asked = Pick<Dap.EvaluateArguments, 'expression' | 'frameId' | 'context' | 'format'>;

export function evaluateHandlers(
  state: SessionState,
  repl: Repl,
  events: EventSink,
): Handlers<'evaluate' | 'setExpression'> {
  const frameOf = (frameId: number | undefined): SelectedFrame => {
    state.stoppedDebuggee('evaluate expressions');
    return state.frame(frameId);
  };
  return {
    async evaluate(args) {
      const frame = () => frameOf(args.frameId);
      if (args.context === 'repl') {
        const output = await repl.run(args.expression, frame);
        if (output !== undefined) return { result: output, variablesReference: 0 };
      }
      frame();
      await prepareNames([args.expression], state.debuggee);
      return evaluate(args, frame(), state, events);
    },

    async setExpression(args) {
      frameOf(args.frameId);
      await prepareNames([args.expression, args.value], state.debuggee);
      const frame = frameOf(args.frameId);
      const view = viewOf(frame, state, events, args.format?.hex === true ? 'x' : undefined);
      const { result } = evaluateShown(args.expression, view.standpoint, state.debuggee);
      if (!result.ok) throw badExpression(result.message);
      const variable = assignTo(args.expression, result, args.expression, args.value, view);
      const { value, type, variablesReference, indexedVariables } = toDap(variable, (children) =>
        refer({ ...args, context: 'watch' }, children, false, state, events),
      );
      return {
        value,
        variablesReference,
        ...(type !== undefined && { type }),
        ...(indexedVariables !== undefined && { indexedVariables }),
      };
    },
  };
}

function evaluate(
  args: Dap.EvaluateArguments,
  frame: SelectedFrame,
  state: SessionState,
  events: EventSink,
): Dap.EvaluateResponse['body'] {
  if (splitPlace(args.expression).space === 'physical')
    return physicalWord(placeOf(args.expression, frame, state), frame, state);
  const { variable, assigns } = variableOf(args, frame, state, events, args.context === 'repl');
  return bodyOf(toDap(variable, (children) => refer(args, children, assigns, state, events)));
}

/** The reference of the value of an expression. One that assigns is not evaluated again. */
function refer(
  args: Asked,
  children: VariableContainer,
  assigns: boolean,
  state: SessionState,
  events: EventSink,
): number {
  const { frameId, context, format, expression } = args;
  const again = (): VariableContainer | undefined => {
    if (assigns) return children;
    const frame = state.frame(frameId);
    return variableOf(args, frame, state, events, false).variable.children;
  };
  return state.variables.of(JSON.stringify([frameId, context, format, expression]), children, again);
}

/** The value of an expression, with what it can be opened to. */
function variableOf(
  args: Asked,
  frame: SelectedFrame,
  state: SessionState,
  events: EventSink,
  assignments: boolean,
): { readonly variable: Variable; readonly assigns: boolean } {
  const { debuggee } = state;
  const { hart } = frame;
  const view = viewOf(frame, state, events);
  const shown = evaluateShown(args.expression, view.standpoint, debuggee, { assignments });
  const { result, format, expression, assigns } = shown;
  if (!result.ok) throw badExpression(result.message);
  if (assigns) view.changed();
  const { named } = result;
  const isPlain = format.number === undefined && args.format?.hex !== true;
  const csr = named?.kind === 'register' && isPlain ? csrNamed(named.name, hart, debuggee.target) : undefined;
  if (csr) {
    // With its fields to expand.
    const variable = csrVariable(csr, hart, debuggee, editorOf(frame, state, events));
    return { variable, assigns };
  }
  const number = format.number ?? (args.format?.hex === true ? ('x' as const) : undefined);
  const full = args.context === 'clipboard' || args.context === 'repl';
  return { variable: cVariable(expression, result, expression, { ...view, format: number, full }), assigns };
}

/** What a variable has, as the value of an expression. */
function bodyOf(variable: Dap.Variable): Dap.EvaluateResponse['body'] {
  const { value, variablesReference, type, indexedVariables, memoryReference, presentationHint } = variable;
  return {
    result: value,
    variablesReference,
    ...(type !== undefined && { type }),
    ...(indexedVariables !== undefined && { indexedVariables }),
    ...(memoryReference !== undefined && { memoryReference }),
    ...(presentationHint && { presentationHint }),
  };
}

/** The 64 bits at a physical address. */
function physicalWord(
  place: MemoryPlace,
  { hart }: SelectedFrame,
  { debuggee }: SessionState,
): Dap.EvaluateResponse['body'] {
  const bytes = readPlace(place, 8, hart, debuggee.target);
  if (bytes.length < 8)
    throw badExpression(`There is no RAM at ${placeText(place)}, so nothing can be read there.`);
  const word = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  return {
    result: describeWord(word, hart, debuggee),
    variablesReference: 0,
    memoryReference: placeText(place),
  };
}
