/** `threads` and `stackTrace`: harts and the tasks that wait, their call stacks with separators and the end of the walk. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { StackRow } from '../debugger/api';
import { describeHart, describeTask } from '../debugger/threads';
import { hex } from '../unwind/hex';
import type { Handlers } from './protocol/requests';
import type { Sources } from './sources';
import type { SessionState } from './state';

/** Rows in one response, whatever the client asks for; VS Code asks for 20. */
const maxRows = 1000;

/** A kernel has tens of thousands at most; a list of so many helps nobody, and `info tasks` has them all. */
const maxTasks = 4096;

export function threadHandlers(state: SessionState, sources: Sources): Handlers<'threads' | 'stackTrace'> {
  return {
    threads() {
      if (!state.isLoaded) return { threads: [] };
      const { debuggee } = state;
      const harts = debuggee.target.harts.map((hart) => ({
        id: state.threadId({ kind: 'hart', hart }),
        name: describeHart(debuggee, hart),
      }));
      const tasks = state
        .waitingTasks()
        .slice(0, maxTasks)
        .map((task) => ({ id: state.threadId({ kind: 'task', task }), name: describeTask(task) }));
      return { threads: [...harts, ...tasks] };
    },

    async stackTrace(args) {
      state.stoppedDebuggee('see its call stack');
      const thread = state.thread(args.threadId);
      const stack = state.stack(thread);
      const ids = state.frameIds(thread);
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
  if (row.kind === 'user')
    return { ...frame, instructionPointerReference: hex(row.pc), presentationHint: 'subtle' };
  if (row.kind !== 'frame' && row.kind !== 'inlined') return { ...frame, presentationHint: 'label' };

  const { location } = row.kind === 'inlined' ? row.in : row;
  frame.instructionPointerReference = hex(location.pc);
  const { source } = row.kind === 'inlined' ? row : location;
  if (source) {
    frame.source = await sources.sourceOf(source.file);
    frame.line = state.client.lineOut(source.line);
    frame.column = state.client.columnOut(Math.max(1, source.column));
  } else {
    frame.presentationHint = 'subtle';
  }
  return frame;
}
