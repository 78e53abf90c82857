/** `setExceptionBreakpoints` and `exceptionInfo`: traps that stop the machine, and what they mean. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { Debuggee } from '../../debugger/api';
import { parseCatchCondition } from '../../debugger/catch-condition';
import { trapsOf } from '../../debugger/catchables';
import { explainTrap } from '../../debugger/explain-trap';
import { explainReport, resolveReport } from '../../debugger/kernel-report';
import { registerIndex } from '../../debugger/registers';
import { causeName } from '../../unwind/trap-cause';
import { noTrapYet } from '../errors';
import { exceptionFilters } from './exception-filters';
import type { Handlers } from '../protocol/requests';
import type { SessionState } from '../state';
import type { BreakpointEntry, BreakpointRequest, BreakpointTable } from './breakpoint-table';
import type { ActiveExceptionFilter, StopFilter } from './stop-filter';

export function exceptionHandlers(
  state: SessionState,
  table: BreakpointTable,
  stops: StopFilter,
): Handlers<'setExceptionBreakpoints' | 'exceptionInfo'> {
  return {
    async setExceptionBreakpoints(args) {
      const wanted = [
        ...args.filters.map((filterId) => ({ filterId, condition: undefined })),
        ...(args.filterOptions ?? []),
      ];
      const answers = wanted.map(({ filterId, condition }) => switchOn(filterId, condition, state));
      stops.exceptionFilters = answers.flatMap(({ active }) => active ?? []);
      const reports = await table.replace('exceptions', stops.exceptionFilters.flatMap(reportRequests));
      if (state.isLoaded && !state.loaded.launch.noDebug) armTraps(state.debuggee, stops);
      return { breakpoints: answers.map((answer) => withReports(answer, reports)) };
    },

    exceptionInfo(args) {
      const debuggee = state.stoppedDebuggee('see the exception');
      const hart = state.hart(args.threadId);
      const reported = table.at(hart.pc).find(({ request }) => request.explain)?.request.explain;
      const trap = hart.lastTrap;
      if (!trap && !reported) throw noTrapYet(hart.index);
      const { title, text } = reported ? reported(debuggee, hart) : explainTrap(trap!, debuggee);
      const name = reported ? title : causeName(trap!.cause);
      return {
        exceptionId: name,
        description: [...(reported ? [] : stops.findings), text].join(' '),
        breakMode: 'always',
        details: {
          message: text,
          typeName: name,
          fullTypeName: title,
          stackTrace: state
            .stack({ kind: 'hart', hart })
            .rows.map((row) => row.text)
            .join('\n'),
        },
      };
    },
  };
}

/** Where the kernel reports what is wrong with it is a place in code. */
function reportRequests({ chosen, condition }: ActiveExceptionFilter): readonly BreakpointRequest[] {
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
function withReports({ breakpoint, active }: Answer, entries: readonly BreakpointEntry[]): Dap.Breakpoint {
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

function switchOn(filterId: string, condition: string | undefined, state: SessionState): Answer {
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

function isRegister(word: string, state: SessionState): boolean {
  if (!state.isLoaded) return false;
  const { target } = state.debuggee;
  return (
    word === 'pc' ||
    registerIndex(word, (index) => target.registerName(index)) !== undefined ||
    target.csrs.some(({ name }) => name === word)
  );
}

/** Tells a new target which traps to stop at. */
export function armTraps(debuggee: Debuggee, stops: StopFilter): void {
  debuggee.target.setTrapFilter(trapsOf(stops.exceptionFilters.flatMap(({ chosen }) => chosen)));
}
