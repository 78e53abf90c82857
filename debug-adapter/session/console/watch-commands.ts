/** Data breakpoints in the debug console, by gdb's names. */
import type { Debuggee } from '../../debugger/api';
import { prepareNames } from '../../debugger/expression/prepare-names';
import { findWatchPlace } from '../../debugger/watch-target';
import type { WatchedAccess } from '../../target/watchpoint';
import type { BreakpointList } from '../breakpoints/breakpoint-list';
import { watchRow } from '../breakpoints/breakpoint-rows';
import { mostWatches, type WatchTable } from '../breakpoints/watch-table';
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
  {
    names: ['info watchpoints'],
    usage: 'info watchpoints',
    help: 'the data breakpoints among all; delete N removes one',
  },
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

export function watchFamily(
  state: SessionState,
  table: WatchTable,
  breakpoints: BreakpointList,
): CommandFamily {
  return {
    commands: watchCommands,
    run: async (line, frame) => {
      if (/^info watch(?:points?)?$/.test(line)) return breakpoints.ofData();
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
  if (entry.resolution?.ok === true) {
    const { id, type, text: shown } = watchRow(entry);
    return `Breakpoint ${id} (${type}): ${shown}`;
  }
  table.remove(entry.id);
  throw badExpression(entry.resolution?.message ?? 'No program is loaded yet.');
}
