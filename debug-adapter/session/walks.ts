/** `riscvUnwind/walk` and `riscvUnwind/compareWalks`: which walk call stacks show, and all of them side by side. */
import { compareOfTask, compareOnHart } from '../debugger/compare-stacks';
import { comparisonText } from '../debugger/comparison-text';
import { describeHart, describeTask } from '../debugger/threads';
import { walkChoices } from '../debugger/walks';
import { announceChange } from './edits';
import { badArgument } from './errors';
import type { EventSink } from './protocol/dispatcher';
import type { Handlers } from './protocol/requests';
import { isWalk } from './run/launch-arguments';
import type { Thread } from './call-stacks';
import type { SessionState } from './state';

export function walkHandlers(
  state: SessionState,
  events: EventSink,
): Handlers<'riscvUnwind/walk' | 'riscvUnwind/compareWalks'> {
  return {
    'riscvUnwind/walk'({ walk }) {
      const choices = walkChoices.map((choice) => ({
        walk: choice,
        chosen: choice === (walk ?? state.walk),
      }));
      if (walk === undefined) return { choices };
      if (!isWalk(walk)) throw badArgument('riscvUnwind/walk', 'walk', `one of ${walkChoices.join(', ')}`);
      state.walk = walk;
      announceChange(state, events, 'stacks');
      return { choices };
    },

    'riscvUnwind/compareWalks'({ threadId }) {
      state.stoppedDebuggee('compare its stack walks');
      const thread: Thread =
        threadId === undefined ? { kind: 'hart', hart: state.focusedHart } : state.thread(threadId);
      return { text: compareText(thread, state) };
    },
  };
}

/** What the comparison is of, and the table. */
export function compareText(thread: Thread, { debuggee }: SessionState): string {
  const title = thread.kind === 'hart' ? describeHart(debuggee, thread.hart) : describeTask(thread.task);
  const comparison =
    thread.kind === 'hart' ? compareOnHart(debuggee, thread.hart) : compareOfTask(debuggee, thread.task);
  return `${title}\n\n${comparisonText(comparison)}\n`;
}
