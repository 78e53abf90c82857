/** `setExceptionBreakpoints` and `exceptionInfo`: traps that stop the machine, and what they mean. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { Debuggee } from '../../debugger/api';
import { parseCatchCondition } from '../../debugger/catch-condition';
import { trapsOf } from '../../debugger/catchables';
import { describeTrapStop } from '../../debugger/explain-trap';
import { registerIndex } from '../../debugger/registers';
import { causeName } from '../../unwind/trap-cause';
import { noTrapYet } from '../errors';
import { exceptionFilters } from './exception-filters';
import type { Handlers } from '../protocol/requests';
import type { SessionState } from '../state';
import type { ActiveExceptionFilter, StopFilter } from './stop-filter';

export function exceptionHandlers(
  state: SessionState,
  stops: StopFilter,
): Handlers<'setExceptionBreakpoints' | 'exceptionInfo'> {
  return {
    setExceptionBreakpoints(args) {
      const wanted = [
        ...args.filters.map((filterId) => ({ filterId, condition: undefined })),
        ...(args.filterOptions ?? []),
      ];
      const answers = wanted.map(({ filterId, condition }) => switchOn(filterId, condition, state));
      stops.exceptionFilters = answers.flatMap(({ active }) => active ?? []);
      if (state.isLoaded && !state.loaded.launch.noDebug) armTraps(state.debuggee, stops);
      return { breakpoints: answers.map(({ breakpoint }) => breakpoint) };
    },

    exceptionInfo(args) {
      const debuggee = state.stoppedDebuggee('see the exception');
      const hart = state.hart(args.threadId);
      const trap = hart.lastTrap;
      if (!trap) throw noTrapYet(hart.index);
      const { title, text } = describeTrapStop(trap, debuggee);
      return {
        exceptionId: causeName(trap.cause),
        description: [...stops.findings, text].join(' '),
        breakMode: 'always',
        details: {
          message: text,
          typeName: causeName(trap.cause),
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
  const records = !state.isLoaded || state.loaded.launch.options.recordCalls === true;
  const chosen = parsed.chosen.filter(({ needsRecordedCalls }) => records || !needsRecordedCalls);
  const left = parsed.chosen.filter((catchable) => !chosen.includes(catchable));
  const message =
    left.length === 0
      ? undefined
      : `'${left.map(({ name }) => name).join(', ')}' can be told only with "recordCalls": true in launch.json.`;
  if (chosen.length === 0) return refused(message ?? 'There is nothing to stop at.');
  return {
    breakpoint: { verified: true, ...(message !== undefined && { message }) },
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
