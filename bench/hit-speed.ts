/**
 * `hit-speed PROGRAM CASE`: runs a loop with a breakpoint in it that does not stop. Prints hits a second of processor time.
 */
import { createNodeFiles } from '../debug-adapter/cli/node-files';
import type { Debuggee } from '../debug-adapter/debugger/api';
import { FilteredTarget } from '../debug-adapter/debugger/filtered-target';
import type { HitOptions } from '../debug-adapter/debugger/hit-rule';
import { launch } from '../debug-adapter/debugger/launch';
import { resolveAddress, resolveSpec } from '../debug-adapter/debugger/resolve';
import { BreakpointTable } from '../debug-adapter/session/breakpoints/breakpoint-table';
import { BreakpointNumbers } from '../debug-adapter/session/breakpoints/numbers';
import { LogOutput } from '../debug-adapter/session/breakpoints/log-output';
import { StopFilter } from '../debug-adapter/session/breakpoints/stop-filter';
import { WatchTable } from '../debug-adapter/session/breakpoints/watch-table';
import { Sources } from '../debug-adapter/session/sources';
import { SessionState } from '../debug-adapter/session/state';
import { hitCases } from './hit-cases';

/** A function of the kernel in which a task runs. */
const place = 'do_page_fault';

/** `c.addi a0, 1` and `c.j` back to it (unpriv 20240411, "C" extension): each round is a hit. */
const loop = Uint8Array.of(0x05, 0x05, 0xfd, 0xbf);
const STEPS_A_ROUND = 2;
/** Seconds of processor time that a figure is taken over. */
const LONG_ENOUGH = 0.4;
/** Milliseconds between two looks at it. */
const LOOK = 10;

/** Of processor time, of the loop with such a breakpoint in it. */
async function hitsASecond(program: string, options: HitOptions): Promise<number> {
  const debuggee = await launch({ program }, createNodeFiles());
  const { target } = debuggee;
  const pc = await arriveAt(debuggee);
  const sink = { event: () => undefined, afterResponse: (action: () => void) => action() };
  const state = new SessionState();
  const numbers = new BreakpointNumbers();
  const breakpoints = new BreakpointTable(numbers);
  const stops = new StopFilter(
    breakpoints,
    new WatchTable(numbers),
    new LogOutput(state, new Sources(state), sink),
    sink,
  );
  const request = { kind: 'breakpoint', place, resolve: () => resolveAddress(debuggee, pc) } as const;
  await breakpoints.bind(debuggee);
  await breakpoints.replace('bench', [{ ...options, ...request }]);

  const judged = new FilteredTarget(target, (stop) => stops.isWanted(stop, debuggee));
  const before = target.instructions;
  const seconds = stopwatch();
  const looks = setInterval(() => {
    if (seconds() >= LONG_ENOUGH) target.pause();
  }, LOOK);
  const stop = await judged.run({ kind: 'continue' });
  clearInterval(looks);
  if (stop.kind !== 'pause') throw new Error(`the loop was left: ${stop.kind}`);
  return (target.instructions - before) / STEPS_A_ROUND / seconds();
}

/** Tells the processor time since it was made. */
function stopwatch(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  };
}

/** Runs to the place and puts the loop there; the result is its address. */
async function arriveAt(debuggee: Debuggee): Promise<bigint> {
  const { target } = debuggee;
  const start = await resolveSpec(debuggee, place);
  if (start.kind === 'unresolved') throw new Error(start.reason);
  target.setBreakpoints(start.armed);
  const arrived = await target.run({ kind: 'continue' });
  if (arrived.kind !== 'breakpoint') throw new Error(`${place} was not reached`);
  target.harts[arrived.hart]!.writeMemory(arrived.pc, loop);
  return arrived.pc;
}

async function main([program, name]: readonly string[]): Promise<void> {
  console.log(await hitsASecond(program!, hitCases[name!]!));
}

void main(process.argv.slice(2));
