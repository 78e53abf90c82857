/** `break`, `tbreak`, `delete`, `info breakpoints`, `until` and `jump` of the debug console. */
import type { Debuggee, ResolvedSpec } from '../../debugger/api';
import { resolveSpec } from '../../debugger/resolve';
import { badExpression } from '../errors';
import type { Command, CommandFamily } from './command';
import type { BreakpointList } from '../breakpoints/breakpoint-list';
import type { ConsoleBreakpoints } from '../breakpoints/console-breakpoints';
import type { EventSink } from '../protocol/dispatcher';
import { jump } from '../run/jump';
import type { RunControl } from '../run/run-control';
import type { SessionState } from '../state';

const breakpointCommands: readonly Command[] = [
  {
    names: ['break', 'b'],
    usage: 'break SPEC [if CONDITION]',
    help: 'stop there: a symbol, name*, symbol+0xoff/0xsize, file:line, 0xaddress; also hart=1, task=init, pid=1',
  },
  { names: ['tbreak'], usage: 'tbreak SPEC [if CONDITION]', help: 'the same for one stop' },
  {
    names: ['delete'],
    usage: 'delete [N …]',
    help: 'remove breakpoints of any kind by their numbers, or all that were set here',
  },
  {
    names: ['info breakpoints'],
    usage: 'info breakpoints',
    help: 'all breakpoints, also on data, with their hits',
  },
  { names: ['until', 'advance'], usage: 'until SPEC', help: 'run on, to there' },
  { names: ['jump'], usage: 'jump SPEC', help: 'run on from there, in the same function' },
];

/** What these commands act on. */
interface BreakpointParts {
  readonly state: SessionState;
  readonly ofConsole: ConsoleBreakpoints;
  readonly breakpoints: BreakpointList;
  readonly runs: RunControl;
  readonly events: EventSink;
}

export function breakpointFamily(parts: BreakpointParts): CommandFamily {
  return { commands: breakpointCommands, run: (line) => runBreakpointCommand(line, parts) };
}

async function runBreakpointCommand(
  text: string,
  { state, ofConsole, breakpoints, runs, events }: BreakpointParts,
): Promise<string | undefined> {
  const [, name, rest = ''] =
    /^(b|break|tbreak|delete|info b(?:reak|reakpoints?)?|until|advance|jump)(?:\s+(.+))?$/s.exec(
      text.trim(),
    ) ?? [];
  if (name === undefined) return undefined;
  const { debuggee } = state;
  switch (name) {
    case 'b':
    case 'break':
      // A register or a symbol may be called so: alone the word is an expression.
      return rest === '' ? undefined : ofConsole.add(rest, false);
    case 'tbreak':
      if (rest === '') throw badExpression('Write where to stop: tbreak SPEC.');
      return ofConsole.add(rest, true);
    case 'delete':
      return breakpoints.delete(rest);
    case 'until':
    case 'advance': {
      const { target } = state.resumableDebuggee('run on');
      const { armed } = await placeOf(debuggee, rest);
      events.event('continued', { threadId: 1, allThreadsContinued: true });
      events.afterResponse(() =>
        runs.resume(debuggee, () => target.run({ kind: 'until', addresses: armed, accept: () => true })),
      );
      return '';
    }
    case 'jump': {
      const { target } = state.resumableDebuggee('run on');
      const { addresses } = await placeOf(debuggee, rest);
      jump(state, events, state.focusedHart, addresses[0]!);
      events.event('continued', { threadId: 1, allThreadsContinued: true });
      events.afterResponse(() => runs.resume(debuggee, () => target.run({ kind: 'continue' })));
      return '';
    }
    default:
      return breakpoints.all();
  }
}

/** Throws where there is none. */
async function placeOf(debuggee: Debuggee, spec: string): Promise<ResolvedSpec> {
  const resolution = await resolveSpec(debuggee, spec);
  if (resolution.kind === 'unresolved') throw badExpression(resolution.reason);
  return resolution;
}
