/** What the client hears of a stop. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { Debuggee, StepOutcome } from '../../debugger/api';
import { explainTrap } from '../../debugger/explain-trap';
import { explainStray } from '../../debugger/stray';
import type { TargetExit, TargetHart } from '../../target/target';
import type { BreakpointEntry } from '../breakpoints/breakpoint-table';
import type { StopFilter } from '../breakpoints/stop-filter';

type Body = Dap.StoppedEvent['body'];

/** The body of `stopped`. `focused` is the hart that the client is to look at. */
export function stoppedEvent(
  outcome: Exclude<StepOutcome, { kind: 'exit' }>,
  filter: StopFilter,
  debuggee: Debuggee,
  focused: TargetHart,
): Body {
  const common = { threadId: focused.index + 1, allThreadsStopped: true };
  switch (outcome.kind) {
    case 'breakpoint':
      return { ...common, ...breakpointReason(filter.hitBreakpoints, debuggee, focused) };
    case 'step': {
      const hit = filter.judge(focused);
      return {
        ...common,
        ...(hit.length > 0 ? breakpointReason(hit, debuggee, focused) : { reason: 'step' }),
      };
    }
    case 'trap': {
      const { title, text } = explainTrap(outcome.trap, debuggee);
      const found = filter.findings.map((sentence) => `${sentence} `).join('');
      return { ...common, reason: 'exception', description: title, text: `${found}${text}` };
    }
    case 'stray': {
      const { title, text } = explainStray(outcome, debuggee);
      return { ...common, reason: 'exception', description: title, text };
    }
    case 'watch': {
      const { findings } = filter.watches;
      return {
        ...common,
        reason: 'data breakpoint',
        description: findings[0]?.text ?? 'Stopped at a watched access',
        text: findings.map(({ text }) => text).join('\n'),
        hitBreakpointIds: findings.map(({ entry }) => entry.id),
      };
    }
    case 'pause':
      return { ...common, reason: 'pause', description: 'Paused' };
    case 'limit':
      return {
        ...common,
        reason: 'pause',
        description: 'Paused at the instruction limit',
        text: `The limit of "maxInstructions" is reached; raise it in launch.json to run on.`,
      };
    case 'refused':
      return { ...common, reason: 'step', description: 'Not stepped', text: outcome.reason };
  }
}

function breakpointReason(
  hit: readonly BreakpointEntry[],
  debuggee: Debuggee,
  hart: TargetHart,
): Omit<Body, 'threadId'> {
  const explain = hit.find(({ request }) => request.explain)?.request.explain;
  if (explain) {
    const { title, text } = explain(debuggee, hart);
    return { reason: 'exception', description: title, text };
  }
  return {
    reason: hit[0]?.request.kind ?? 'breakpoint',
    hitBreakpointIds: hit.map((entry) => entry.id),
  };
}

/** `The machine powered off`, with what the guest gave. */
export function describeExit({ kind, code }: TargetExit): string {
  const status = code === 0 ? '' : ` with code ${code}`;
  switch (kind) {
    case 'power-off':
      return `The machine powered off${status}`;
    case 'reset':
      return `The guest asked for a reset${status}`;
    case 'test-device':
      return `The guest ended the run through the test device${status}`;
    case 'htif':
      return `The guest ended the run through tohost${status}`;
  }
}
