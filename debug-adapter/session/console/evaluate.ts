/** `evaluate`: expressions for hovers, watches and the debug console, and the console's commands. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { describeValue } from '../../debugger/expressions';
import { placeText, readPlace, splitPlace, type MemoryPlace } from '../../debugger/memory-place';
import { csrNamed } from '../../debugger/registers';
import { describeWord } from '../../debugger/symbolic';
import { hex } from '../../unwind/hex';
import { csrVariable } from '../variables/csr-variables';
import { badExpression } from '../errors';
import { evaluateIn } from './expressions';
import type { EventSink } from '../protocol/dispatcher';
import type { Handlers } from '../protocol/requests';
import { runBreakpointCommand, type BreakpointCommands } from './breakpoint-commands';
import { placeOf } from './memory-commands';
import { runCommand } from './repl';
import type { SelectedFrame, SessionState } from '../state';
import { toDap } from '../variables/variable';
import { editorOf } from '../variables/variables';

export function evaluateHandlers(
  state: SessionState,
  events: EventSink,
  commands: BreakpointCommands,
): Handlers<'evaluate'> {
  return {
    async evaluate(args) {
      const frameOf = (): SelectedFrame => {
        state.stoppedDebuggee('evaluate expressions');
        return args.frameId === undefined ? state.liveFrame(state.focusedHart) : state.frame(args.frameId);
      };
      const output = args.context === 'repl' ? runCommand(args.expression, state, frameOf) : undefined;
      const printed =
        output ??
        (args.context === 'repl' ? await runBreakpointCommand(args.expression, commands) : undefined);
      if (printed !== undefined) return { result: printed, variablesReference: 0 };
      return evaluate(args.expression, frameOf(), state, events);
    },
  };
}

function evaluate(
  text: string,
  frame: SelectedFrame,
  state: SessionState,
  events: EventSink,
): Dap.EvaluateResponse['body'] {
  const { debuggee } = state;
  const { hart } = frame;
  if (splitPlace(text).space === 'physical') return physicalWord(placeOf(text, frame, state), frame, state);
  const result = evaluateIn(text, frame, debuggee);
  if (!result.ok) throw badExpression(result.message);
  const { place } = result;
  const csr = place?.kind === 'register' ? csrNamed(place.register.name, hart, debuggee.target) : undefined;
  if (csr) {
    // With its fields to expand.
    const variable = csrVariable(csr, hart, debuggee, editorOf(frame, state, events));
    const { value, variablesReference } = toDap(variable, state);
    return { result: value, variablesReference, type: csr.description };
  }
  const reference = place?.kind === 'memory' ? place.address : result.scalar;
  return {
    result: describeValue(result, hart, debuggee),
    variablesReference: 0,
    ...(typeof reference === 'bigint' && { memoryReference: hex(BigInt.asUintN(64, reference)) }),
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
