/** Functions that the compiler has inlined, as rows of their own before the frame whose code they are. */
import type { CallStack, Debuggee, FrameRow, StackRow } from './api';

/**
 * The call stack with a row for each inlined function at each frame, innermost first. The rows and frames of the walk are what they
 * are, but a frame with such rows is at the line where the outermost of them was called. Never throws.
 * @param bare the hart's addresses are physical
 */
export function withInlinedRows(debuggee: Debuggee, stack: CallStack, bare: boolean): CallStack {
  const { debug } = debuggee.program;
  if (!debug) return stack;
  return {
    ...stack,
    rows: stack.rows.flatMap((row) => (row.kind === 'frame' ? expanded(debuggee, row, bare) : [row])),
  };
}

function expanded({ program, kernel }: Debuggee, row: FrameRow, bare: boolean): readonly StackRow[] {
  const { frame, location } = row;
  const linked = kernel.linkAddress(frame.pc, bare).address;
  // The call is before the address that it returns to (R17).
  const scopes = program.debug?.functionsAt(frame.isReturnAddress ? linked - 1n : linked) ?? [];
  if (scopes.length < 2) return [row];
  let { source } = location;
  const rows = scopes.slice(0, -1).map(({ name, callSite }, inlined): StackRow => {
    const inside = source;
    source = callSite;
    return { kind: 'inlined', in: row, inlined, name, source: inside, callSite, text: `${name} (inlined)` };
  });
  return [...rows, { ...row, location: { ...location, source }, inlined: rows.length }];
}
