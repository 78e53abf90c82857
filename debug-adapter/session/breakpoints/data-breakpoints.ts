/** `dataBreakpointInfo` and `setDataBreakpoints`. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { prepareNames } from '../../debugger/expression/prepare-names';
import { prepareRule } from '../../debugger/hit-rule';
import { formatPlace, parsePlace, type WatchPlace } from '../../debugger/watch-place';
import {
  csrPlace,
  findWatchPlace,
  inProgram,
  type FoundPlace,
  type NamedWatch,
} from '../../debugger/watch-target';
import type { WatchedAccess } from '../../target/watchpoint';
import { standpointIn } from '../console/expressions';
import { staleVariables } from '../errors';
import type { Handlers } from '../protocol/requests';
import type { SessionState } from '../state';
import { csrNamed } from '../../debugger/registers';
import { describePlace } from './breakpoint-rows';
import { changesOf } from './breakpoint-settings';
import { mostWatches, type WatchEntry, type WatchTable } from './watch-table';

type Requests = 'dataBreakpointInfo' | 'setDataBreakpoints';

/** What the client's access types are. One that is to stop at writes does so when they change something, as clients call it: "Break on Value Change". */
const accesses: Readonly<Record<Dap.DataBreakpointAccessType, WatchedAccess>> = {
  read: 'read',
  write: 'change',
  readWrite: 'read-write',
};

/** Of a variable whose size nobody knows. */
const wordBytes = 8;

export function dataBreakpointHandlers(state: SessionState, table: WatchTable): Handlers<Requests> {
  /** A variable that a view shows: the CSR, or what its memory reference leads to. */
  const findVariable = (containerId: number, name: string, bytes: number | undefined): FoundPlace => {
    const container = state.variables.get(containerId);
    if (!container) throw staleVariables();
    const { debuggee, focusedHart } = state;
    const variable = container.find
      ? container.find(name)
      : container.list().find((candidate) => candidate.name === name);
    const isRegister = variable?.evaluateName === `$${name}`;
    if (isRegister && csrNamed(name, focusedHart, debuggee.target))
      return csrPlace(name, focusedHart, debuggee);
    if (!variable) return { ok: false, message: `There is no variable '${name}' here.` };
    const { place } = variable;
    if (place?.kind === 'none') return { ok: false, message: place.message };
    if (place) {
      const label = variable.evaluateName ?? name;
      const bits = bytes === undefined ? place.bits : undefined;
      return inProgram(place.address, bytes ?? place.size, label, debuggee, bits);
    }
    const reference = variable.memoryReference;
    // Physical ones are views of the machine, not variables.
    if (reference?.startsWith('0x') !== true) {
      return { ok: false, message: `'${name}' is nothing in memory that could be watched.` };
    }
    return inProgram(BigInt(reference), bytes ?? wordBytes, isRegister ? `*$${name}` : name, debuggee);
  };

  return {
    async dataBreakpointInfo(args) {
      const debuggee = state.stoppedDebuggee('find what is to be watched');
      const { name, variablesReference, frameId, bytes, asAddress } = args;
      await prepareNames([name], debuggee);
      const named: NamedWatch = {
        text: name,
        ...(typeof bytes === 'number' && { bytes }),
        ...(asAddress === true && { asAddress }),
      };
      const found =
        variablesReference === undefined || variablesReference <= 0
          ? findWatchPlace(named, standpointIn(state.frame(frameId), debuggee), debuggee)
          : findVariable(variablesReference, name, bytes);
      return found.ok ? info(found.place) : { dataId: null, description: found.message };
    },

    async setDataBreakpoints(args) {
      const asked = args.breakpoints.slice(0, mostWatches);
      if (state.isLoaded) for (const one of asked) await prepareRule(one, state.debuggee);
      const places = asked.map(({ dataId }) => parsePlace(dataId));
      const entries = table.replaceOfClient(
        asked.flatMap(({ accessType, condition, hitCondition, logMessage }: AskedFor, index) => {
          const place = places[index];
          const access = accesses[accessType ?? 'write'];
          return place ? [{ place, access, ...given({ condition, hitCondition, logMessage }) }] : [];
        }),
      );
      const known = [...entries];
      return {
        breakpoints: args.breakpoints.map(({ dataId }, index): Dap.Breakpoint => {
          if (index >= mostWatches)
            return refused(`Only ${mostWatches} data breakpoints can be set. Remove some others.`);
          return places[index]
            ? toDap(known.shift()!)
            : refused(`'${dataId}' is nothing that could be watched.`);
        }),
      };
    },
  };
}

/** Log messages are no part of the protocol here, but some clients send them. */
type AskedFor = Dap.DataBreakpoint & { readonly logMessage?: string };

function given(texts: Readonly<Record<string, string | undefined>>): object {
  return Object.fromEntries(
    Object.entries(texts).filter(([, text]) => text !== undefined && text.trim() !== ''),
  );
}

function info(place: WatchPlace): Dap.DataBreakpointInfoResponse['body'] {
  const isLasting = place.kind === 'csr' || place.base !== 'virtual';
  return {
    dataId: formatPlace(place),
    description: describePlace(place),
    accessTypes: place.kind === 'csr' ? ['write'] : ['read', 'write', 'readWrite'],
    canPersist: isLasting,
  };
}

export function toDap(entry: WatchEntry): Dap.Breakpoint {
  const { id, resolution, settings } = entry;
  if (!resolution) return { id, verified: false, message: 'No program is loaded yet.' };
  if (!resolution.ok) return { id, verified: false, message: resolution.message };
  const message = changesOf(entry, id);
  return { id, verified: settings.isEnabled, ...(message !== undefined && { message }) };
}

const refused = (message: string): Dap.Breakpoint => ({ verified: false, message });
