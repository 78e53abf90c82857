/** `threads` and `stackTrace`: one thread for each hart, its call stack with separators and the end of the walk. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { StackRow } from '../debugger/api';
import { describeHart } from '../debugger/harts';
import { hex } from '../unwind/hex';
import type { Handlers } from './protocol/requests';
import type { Sources } from './sources';
import type { SessionState } from './state';

/** Rows in one response, whatever the client asks for; VS Code asks for 20. */
const maxRows = 1000;

export function threadHandlers(state: SessionState, sources: Sources): Handlers<'threads' | 'stackTrace'> {
  return {
    threads() {
      if (!state.isLoaded) return { threads: [] };
      const { debuggee } = state;
      return {
        threads: debuggee.target.harts.map((hart) => ({
          id: hart.index + 1,
          name: describeHart(debuggee, hart),
        })),
      };
    },

    async stackTrace(args) {
      state.stoppedDebuggee('see its call stack');
      const hart = state.hart(args.threadId);
      const stack = state.stack(hart);
      const ids = state.frameIds(hart, stack);
      const start = Math.max(0, args.startFrame ?? 0);
      const levels = args.levels === undefined || args.levels <= 0 ? maxRows : Math.min(args.levels, maxRows);
      const rows = stack.rows.slice(start, start + levels);
      const stackFrames = await Promise.all(
        rows.map((row, i) => stackFrame(row, ids[start + i]!, state, sources)),
      );
      return { stackFrames, totalFrames: stack.rows.length };
    },
  };
}

async function stackFrame(
  row: StackRow,
  id: number,
  state: SessionState,
  sources: Sources,
): Promise<Dap.StackFrame> {
  const frame: Dap.StackFrame = { id, name: row.text, line: 0, column: 0, canRestart: false };
  if (row.kind !== 'frame') return { ...frame, presentationHint: 'label' };

  frame.instructionPointerReference = hex(row.location.pc);
  const { source } = row.location;
  if (source) {
    frame.source = await sources.sourceOf(source.file);
    frame.line = state.client.lineOut(source.line);
    frame.column = state.client.columnOut(Math.max(1, source.column));
  } else {
    frame.presentationHint = 'subtle';
  }
  return frame;
}
