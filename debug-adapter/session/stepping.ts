/** `stepInTargets` and `riscvUnwind/stepping`: what a step can enter, and what steps do besides stepping. */
import { stepTargets } from '../debugger/step-targets';
import type { TargetHart } from '../target/target';
import { badArgument, staleStepTarget } from './errors';
import type { Handlers } from './protocol/requests';
import { isFollows } from './run/launch-arguments';
import type { SessionState } from './state';

export function steppingHandlers(state: SessionState): Handlers<'stepInTargets' | 'riscvUnwind/stepping'> {
  return {
    stepInTargets({ frameId }) {
      const debuggee = state.stoppedDebuggee('see what a step can enter');
      const { hart, stack, row } = state.frame(frameId);
      // Only where the hart is now something is about to be called.
      const isLive = row.frame === stack.walk.frames[0] && row.frame.origin.kind !== 'thread';
      const targets = isLive ? stepTargets(debuggee, hart) : [];
      return {
        targets: targets.map(({ label }, index) => ({ id: index + 1, label })),
      };
    },

    'riscvUnwind/stepping'({ holdInterrupts, follows }) {
      const command = 'riscvUnwind/stepping';
      if (holdInterrupts !== undefined && typeof holdInterrupts !== 'boolean') {
        throw badArgument(command, 'holdInterrupts', 'true or false');
      }
      if (follows !== undefined && !isFollows(follows)) {
        throw badArgument(command, 'follows', '"task" or "hart"');
      }
      const { stepPolicy: before } = state;
      state.stepPolicy = {
        holdInterrupts: holdInterrupts ?? before.holdInterrupts,
        follows: follows ?? before.follows,
      };
      return state.stepPolicy;
    },
  };
}

/** The address that a target's id stands for: the list is the same as long as the machine stands. */
export function stepTargetAddress(state: SessionState, hart: TargetHart, id: number): bigint {
  const target = stepTargets(state.debuggee, hart)[id - 1];
  if (!target) throw staleStepTarget();
  return target.address;
}
