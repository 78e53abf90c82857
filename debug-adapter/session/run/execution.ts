/** `continue`, `pause` and the steps. */
import type { Granularity, StepKind } from '../../debugger/api';
import { step } from '../../debugger/step';
import type { Handlers } from '../protocol/requests';
import type { RunControl } from './run-control';
import type { SessionState } from '../state';
import { stepTargetAddress } from '../stepping';

export function executionHandlers(
  state: SessionState,
  runs: RunControl,
): Handlers<'continue' | 'pause' | 'next' | 'stepIn' | 'stepOut'> {
  const stepHandler =
    (kind: StepKind) =>
    (args: { threadId: number; granularity?: string; targetId?: number }): undefined => {
      const debuggee = state.resumableDebuggee('step');
      const hart = state.hart(args.threadId);
      // Assembly and compiled code alike have one statement a row of the line table, so a line is a statement.
      const granularity: Granularity = args.granularity === 'instruction' ? 'instruction' : 'statement';
      const into = args.targetId === undefined ? {} : { into: stepTargetAddress(state, hart, args.targetId) };
      const options = { policy: state.stepPolicy, ...into };
      runs.resume(debuggee, () => step(debuggee, hart, kind, granularity, options));
    };

  return {
    continue() {
      const debuggee = state.resumableDebuggee('continue');
      runs.resume(debuggee, () => debuggee.target.run({ kind: 'continue' }));
      return { allThreadsContinued: true };
    },

    pause() {
      const { target } = state.debuggee;
      if (state.running) target.pause();
    },

    next: stepHandler('over'),
    stepIn: stepHandler('in'),
    stepOut: stepHandler('out'),
  };
}
