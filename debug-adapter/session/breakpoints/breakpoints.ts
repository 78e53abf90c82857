/** The requests that set breakpoints, and what the client is told of each. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { Resolution } from '../../debugger/api';
import { allOf, parseBreakText } from '../../debugger/break-text';
import type { HitOptions } from '../../debugger/hit-rule';
import { codeLines, resolveAddress, resolveLine, resolveSpec } from '../../debugger/resolve';
import { hex } from '../../unwind/hex';
import type { BreakpointKind, BreakpointRequest, BreakpointTable } from './breakpoint-table';
import type { ConsoleBreakpoints } from './console-breakpoints';
import { parseMemoryReference } from '../memory';
import type { Handlers } from '../protocol/requests';
import type { Sources } from '../sources';
import type { SessionState } from '../state';
import { toDap } from './to-dap';

/** Breakpoints in one request; what is beyond is not set, and the client is told so. */
const maxBreakpoints = 1000;

type Requests =
  'setBreakpoints' | 'setFunctionBreakpoints' | 'setInstructionBreakpoints' | 'breakpointLocations';

/** For the text that is shown in place of a source that is not on this machine. */
const withoutFile: Resolution = {
  kind: 'unresolved',
  reason:
    'This source is not on this machine. Map its folder with "sourceFileMap", then set the breakpoint in the file.',
};

export function breakpointHandlers(
  state: SessionState,
  table: BreakpointTable,
  ofConsole: ConsoleBreakpoints,
  sources: Sources,
): Handlers<Requests> {
  const set = async (owner: string, requests: readonly BreakpointRequest[]) => {
    const entries = await table.replace(owner, requests.slice(0, maxBreakpoints));
    const breakpoints = await Promise.all(entries.map((entry) => toDap(entry, state, sources)));
    const refused = requests.slice(maxBreakpoints).map(() => ({
      verified: false,
      message: `Only ${maxBreakpoints} breakpoints can be set here. Remove some others.`,
    }));
    return { breakpoints: [...breakpoints, ...refused] };
  };

  return {
    async setBreakpoints(args) {
      const path = args.source.path === undefined ? undefined : state.client.pathIn(args.source.path);
      // `lines` is what clients sent before there were conditions.
      const asked: readonly Dap.SourceBreakpoint[] =
        args.breakpoints ?? args.lines?.map((line) => ({ line })) ?? [];
      const shown = args.source.path === undefined ? [] : ofConsole.shownIn(args.source.path);
      const known = asked.map((breakpoint) => shown.find((one) => isThat(one, breakpoint)));
      // A client that shows the console's breakpoints among its own has lost those that it does not send.
      if (state.client.showsNewBreakpoints) {
        ofConsole.forget(shown.filter((one) => !known.includes(one)).map(({ id }) => id!));
      }
      const requests = asked
        .filter((_, index) => !known[index])
        .map((breakpoint) => {
          const line = state.client.lineIn(breakpoint.line);
          return request('breakpoint', `line ${line}`, breakpoint, (debuggee) =>
            path === undefined ? withoutFile : resolveLine(debuggee, path, line),
          );
        });
      const { breakpoints } = await set(`file ${path ?? args.source.name ?? ''}`, requests);
      const own = breakpoints.values();
      return { breakpoints: known.map((one) => one ?? own.next().value!) };
    },

    setFunctionBreakpoints(args) {
      const requests = args.breakpoints.map((breakpoint) => {
        const { spec, condition } = parseBreakText(breakpoint.name);
        const conditions = { ...breakpoint, condition: allOf([condition, given(breakpoint.condition)]) };
        return request('function breakpoint', spec, conditions, (debuggee) => resolveSpec(debuggee, spec));
      });
      return set('functions', requests);
    },

    setInstructionBreakpoints(args) {
      const requests = args.breakpoints.map((breakpoint) => {
        const address = parseMemoryReference(breakpoint.instructionReference, breakpoint.offset);
        return request('instruction breakpoint', hex(address), breakpoint, (debuggee) =>
          resolveAddress(debuggee, address),
        );
      });
      return set('instructions', requests);
    },

    async breakpointLocations(args) {
      if (!state.isLoaded || args.source.path === undefined) return { breakpoints: [] };
      const first = state.client.lineIn(args.line);
      const last = args.endLine === undefined ? first : state.client.lineIn(args.endLine);
      const lines = await codeLines(state.debuggee, state.client.pathIn(args.source.path));
      return {
        breakpoints: lines
          .filter((line) => line >= first && line <= last)
          .map((line) => ({ line: state.client.lineOut(line) })),
      };
    },
  };
}

/** What the client shows of a breakpoint of the console comes back without its conditions. */
function isThat(shown: Dap.Breakpoint, asked: Dap.SourceBreakpoint): boolean {
  const { condition, hitCondition, logMessage } = asked;
  return shown.line === asked.line && [condition, hitCondition, logMessage].every((text) => !given(text));
}

function given(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}

function request(
  kind: BreakpointKind,
  place: string,
  { condition, hitCondition, logMessage }: HitOptions,
  resolve: BreakpointRequest['resolve'],
): BreakpointRequest {
  return {
    kind,
    place,
    resolve,
    condition: given(condition),
    hitCondition: given(hitCondition),
    logMessage: given(logMessage),
  };
}
