/** Switches exception filters on: from what a client or a person wrote to what the machine stops at. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { Debuggee } from '../../debugger/api';
import { parseCatchCondition } from '../../debugger/catch-condition';
import { trapsOf } from '../../debugger/catchables';
import { explainReport, resolveReport } from '../../debugger/kernel-report';
import { registerIndex } from '../../debugger/registers';
import { textOf } from '../../debugger/stray';
import type { SessionState } from '../state';
import type { BreakpointEntry, BreakpointRequest } from './breakpoint-table';
import { exceptionFilters } from './exception-filters';
import type { ActiveExceptionFilter, StopFilter } from './stop-filter';

/** Where the kernel reports what is wrong with it is a place in code. */
export function reportRequests({ chosen, condition }: ActiveExceptionFilter): readonly BreakpointRequest[] {
  return chosen.flatMap(({ report }) =>
    report === undefined
      ? []
      : {
          kind: 'exception',
          place: report,
          resolve: (debuggee) => resolveReport(debuggee, report),
          explain: (debuggee, hart) => explainReport(debuggee, hart, report),
          ...(condition !== undefined && { condition }),
        },
  );
}

/** A program may lack the functions: the filter is of use if there is anything else that it can see. */
export function withReports(
  { breakpoint, active }: Answer,
  entries: readonly BreakpointEntry[],
): Dap.Breakpoint {
  const own = entries.filter(({ request }) => active?.chosen.some(({ report }) => report === request.place));
  const reasons = new Set(
    own.flatMap(({ resolution }) => (resolution.kind === 'unresolved' ? [resolution.reason] : [])),
  );
  if (reasons.size === 0) return breakpoint;
  const verified = active?.chosen.length !== reasons.size;
  return {
    verified,
    message: [...(breakpoint.message === undefined ? [] : [breakpoint.message]), ...reasons].join(' '),
  };
}

interface Answer {
  readonly breakpoint: Dap.Breakpoint;
  /** Absent if there is nothing to stop at. */
  readonly active?: ActiveExceptionFilter;
}

export function switchOn(filterId: string, condition: string | undefined, state: SessionState): Answer {
  const filter = exceptionFilters.find((candidate) => candidate.filter === filterId);
  const refused = (message: string): Answer => ({ breakpoint: { verified: false, message } });
  if (!filter) return refused(`There is no exception filter '${filterId}'.`);
  const parsed = parseCatchCondition(condition, filter.catchables, (word) => isRegister(word, state));
  if (!parsed.ok) return refused(parsed.message);
  const given = state.isLoaded
    ? { kernel: state.debuggee.kernel, recordsCalls: state.loaded.launch.options.recordCalls === true }
    : undefined;
  const reasons = parsed.chosen.map(({ lacks }) => (given && lacks ? lacks(given) : undefined));
  const chosen = parsed.chosen.filter((_, index) => reasons[index] === undefined);
  const message = reasons.filter((reason) => reason !== undefined).join(' ');
  if (chosen.length === 0) return refused(message);
  return {
    breakpoint: { verified: true, ...(message !== '' && { message }) },
    active: { chosen, condition: parsed.expression },
  };
}

export function isRegister(word: string, state: SessionState): boolean {
  if (!state.isLoaded) return false;
  const { target } = state.debuggee;
  return (
    word === 'pc' ||
    registerIndex(word, (index) => target.registerName(index)) !== undefined ||
    target.csrs.some(({ name }) => name === word)
  );
}

/** Tells the target which traps to stop at, and outside of what text. To be called again when the kernel's text is elsewhere. */
export function armTraps(debuggee: Debuggee, stops: StopFilter): void {
  const chosen = stops.active.flatMap(({ chosen }) => chosen);
  debuggee.target.setTrapFilter(trapsOf(chosen));
  debuggee.target.setText(chosen.some(({ strays }) => strays) ? textOf(debuggee) : undefined);
}
