/** `setExceptionBreakpoints` and `exceptionInfo`: traps that stop the machine, and what they mean. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { Debuggee } from '../../debugger/api';
import { formatLocation, locate } from '../../debugger/location';
import type { Trap } from '../../target/target';
import { hex } from '../../unwind/hex';
import { causeName, hasFaultAddress, isInterrupt } from '../../unwind/trap-cause';
import { noTrapYet } from '../errors';
import { exceptionFilters, unionOf } from './exception-filters';
import { syntaxError } from '../../debugger/expressions';
import type { Handlers } from '../protocol/requests';
import type { SessionState } from '../state';
import type { ActiveExceptionFilter, StopFilter } from './stop-filter';
import { explainCause } from './trap-meaning';

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
      const active: ActiveExceptionFilter[] = [];
      const breakpoints: Dap.Breakpoint[] = [];
      for (const { filterId, condition } of wanted) {
        const filter = exceptionFilters.find((candidate) => candidate.filter === filterId);
        const text = condition === undefined || condition.trim() === '' ? undefined : condition;
        const mistake = text === undefined ? undefined : syntaxError(text);
        if (!filter) {
          breakpoints.push({ verified: false, message: `There is no exception filter '${filterId}'.` });
        } else if (mistake !== undefined) {
          breakpoints.push({ verified: false, message: `The condition '${text ?? ''}': ${mistake}` });
        } else if (filter.needsRecordedCalls && state.isLoaded && !state.loaded.launch.options.recordCalls) {
          const message = 'What was put on the stack is known only with "recordCalls": true in launch.json.';
          breakpoints.push({ verified: false, message });
        } else {
          active.push({ filter, condition: text });
          breakpoints.push({ verified: true });
        }
      }
      stops.exceptionFilters = active;
      if (state.isLoaded && !state.loaded.launch.noDebug) armTraps(state.debuggee, stops);
      return { breakpoints };
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

/** Tells a new target which traps to stop at. */
export function armTraps(debuggee: Debuggee, stops: StopFilter): void {
  debuggee.target.setTrapFilter(unionOf(stops.exceptionFilters.map(({ filter }) => filter)));
}

/** A trap in one phrase and in a few lines: cause, epc, tval, from which privilege, what it means. */
export function describeTrapStop(
  trap: Trap,
  debuggee: Debuggee,
): { readonly title: string; readonly text: string } {
  const { cause, epc, tval, from, to } = trap;
  // What was fetched from a physical address can only have been interrupted before the MMU was on.
  const at = formatLocation(
    locate(debuggee, epc, { bare: turnsMmuOn(trap, debuggee) || from === 'machine' }),
  );
  const name = causeName(cause);
  const where = `at ${at} (epc ${hex(epc)}), from ${from} mode into ${to} mode`;
  if (turnsMmuOn(trap, debuggee)) {
    return {
      title: 'MMU on',
      text: `MMU on: ${name} ${where}. Not an error: the kernel has just written satp, and this fault takes it to its virtual addresses.`,
    };
  }
  const value = hasFaultAddress(cause) ? ` of ${hex(tval)}` : tval === 0n ? '' : ` (tval ${hex(tval)})`;
  const kind = isInterrupt(cause) ? 'Interrupt' : 'Exception';
  return {
    title: `${kind}: ${name}`,
    text: `${name}${value} ${where}. ${explainCause(cause)}`,
  };
}

/**
 * The fetch after `csrw satp` in `relocate_enable_mmu` faults on purpose (Linux 7.3 head.S): pc is still physical, and stvec
 * holds the virtual address of the next line.
 */
function turnsMmuOn({ cause, epc, tval, from }: Trap, { kernel }: Debuggee): boolean {
  const instructionPageFault = 12n;
  return (
    cause === instructionPageFault &&
    from !== 'user' &&
    epc === tval &&
    kernel.linkAddress(epc, true).physical
  );
}
