/** Data breakpoints in the debug console, by gdb's names. */
import type { Debuggee } from '../../debugger/api';
import { prepareNames } from '../../debugger/expression/prepare-names';
import { findWatchPlace } from '../../debugger/watch-target';
import type { WatchedAccess } from '../../target/watchpoint';
import { describePlace } from '../breakpoints/data-breakpoints';
import { firstWatchId, mostWatches, type WatchEntry, type WatchTable } from '../breakpoints/watch-table';
import { badExpression } from '../errors';
import type { SessionState } from '../state';
import type { Command, CommandFamily, FrameOf } from './command';
import { standpointIn } from './expressions';

const watchCommands: readonly Command[] = [
  {
    names: ['watch'],
    usage: 'watch EXPR [if COND]',
    help: 'stops when it changes; watch -w at each write; EXPR may be phys:ADDR, virt:ADDR,BYTES or csr:satp',
  },
  { names: ['rwatch'], usage: 'rwatch EXPR', help: 'stops when it is read' },
  { names: ['awatch'], usage: 'awatch EXPR', help: 'stops when it is read or written' },
  { names: ['info watchpoints'], usage: 'info watchpoints', help: 'the data breakpoints, with their hits' },
  { names: ['unwatch'], usage: 'unwatch N', help: 'removes one that the console has set' },
];

/**
 * 1. Command
 * 2. `-w`
 * 3. What is watched
 * 4. Condition
 */
const pattern = /^(watch|rwatch|awatch)( -w)? (.+?)(?: if (.+))?$/;

const accesses: Readonly<Record<string, WatchedAccess>> = {
  watch: 'change',
  rwatch: 'read',
  awatch: 'read-write',
};

const words: Readonly<Record<WatchedAccess, string>> = {
  read: 'reads',
  write: 'writes',
  'read-write': 'reads and writes',
  change: 'changes',
};

export function watchFamily(state: SessionState, table: WatchTable): CommandFamily {
  return {
    commands: watchCommands,
    run: async (line, frame) => {
      const [, , , ...texts] = pattern.exec(line) ?? [];
      if (state.isLoaded) await prepareNames(texts, state.debuggee);
      return runWatchCommand(line, table, frame, () => state.debuggee);
    },
  };
}

function runWatchCommand(
  line: string,
  table: WatchTable,
  frameOf: FrameOf,
  debuggee: () => Debuggee,
): string | undefined {
  if (line === 'info watchpoints') return list(table);
  const removed = /^unwatch (\d{1,9})$/.exec(line);
  if (removed) return remove(Number(removed[1]), table);
  const match = pattern.exec(line);
  if (!match) return undefined;
  if (table.all.length >= mostWatches)
    throw badExpression(`There are ${mostWatches} data breakpoints. Remove some others.`);
  const [, command, always, text, condition] = match;
  const program = debuggee();
  const found = findWatchPlace({ text: text! }, standpointIn(frameOf(), program), program);
  if (!found.ok) throw badExpression(found.message);
  const isCsr = found.place.kind === 'csr';
  if (isCsr && command !== 'watch') throw badExpression('Of a CSR only writes can be watched: use watch.');
  const access = always === undefined ? accesses[command!]! : 'write';
  const entry = table.addOfConsole({ place: found.place, access, condition });
  if (entry.resolution?.ok === true) return describe(entry);
  table.removeOfConsole(entry.id);
  throw badExpression(entry.resolution?.message ?? 'No program is loaded yet.');
}

function list(table: WatchTable): string {
  if (table.all.length === 0) return "Nothing is watched. 'watch EXPR' watches a variable or an address.";
  return table.all.map(describe).join('\n');
}

function describe({ id, request, owner, resolution, rule }: WatchEntry): string {
  const { place, access, condition } = request;
  const where =
    resolution?.ok === true && resolution.thing.kind === 'memory'
      ? ` at ${resolution.thing.space} 0x${resolution.thing.address.toString(16)}`
      : '';
  const when = condition === undefined ? '' : ` if ${condition}`;
  const state = resolution?.ok === false ? `: ${resolution.message}` : `, ${rule?.hits ?? 0} hits`;
  const by = owner === 'client' ? ', in the list of breakpoints' : '';
  return `${numberOf(id)}  ${words[access]} of ${describePlace(place)}${where}${when}${state}${by}`;
}

function remove(number: number, table: WatchTable): string {
  if (table.removeOfConsole(number + firstWatchId - 1)) return `${number} is no longer watched.`;
  throw badExpression(`The console has set no data breakpoint ${number}: 'info watchpoints' lists them.`);
}

const numberOf = (id: number): number => id - firstWatchId + 1;
