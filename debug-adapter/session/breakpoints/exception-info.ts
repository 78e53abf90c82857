/** `setExceptionBreakpoints` and `exceptionInfo`: traps that stop the machine, and what they mean. */
import { explainTrap } from '../../debugger/explain-trap';
import { explainStray } from '../../debugger/stray';
import { causeName } from '../../unwind/trap-cause';
import { noTrapYet } from '../errors';
import type { Handlers } from '../protocol/requests';
import type { SessionState } from '../state';
import type { BreakpointTable } from './breakpoint-table';
import type { StopFilter } from './stop-filter';
import { armTraps, reportRequests, switchOn, withReports } from './switch-on';

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
      const filters = answers.flatMap(({ active }) => active ?? []);
      if (state.isLoaded) await stops.prepare(filters, state.debuggee);
      stops.exceptionFilters = filters;
      const reports = await table.replace('exceptions', stops.exceptionFilters.flatMap(reportRequests));
      if (state.isLoaded && !state.loaded.launch.noDebug) armTraps(state.debuggee, stops);
      return { breakpoints: answers.map((answer) => withReports(answer, reports)) };
    },

    exceptionInfo(args) {
      const debuggee = state.stoppedDebuggee('see the exception');
      const hart = state.hart(args.threadId);
      const reported = table.at(hart.pc).find(({ request }) => request.explain)?.request.explain;
      const stray = stops.strayOf(hart, debuggee);
      const trap = hart.lastTrap;
      if (!trap && !reported && !stray) throw noTrapYet(hart.index);
      const { title, text } = reported
        ? reported(debuggee, hart)
        : stray
          ? explainStray(stray, debuggee)
          : explainTrap(trap!, debuggee);
      const isOfTrap = !reported && !stray;
      const name = isOfTrap ? causeName(trap!.cause) : title;
      return {
        exceptionId: name,
        description: [...(isOfTrap ? stops.findings : []), text].join(' '),
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
