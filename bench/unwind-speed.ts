/**
 * `unwind-speed PROGRAM PLACE ROUNDS INITRD`: stops at a place and walks the stack there again and again. Prints, as a list in JSON, frames a second
 * of processor time by each walk.
 */
import { performance } from 'node:perf_hooks';
import { createNodeFiles } from '../debug-adapter/cli/node-files';
import { callStack } from '../debug-adapter/debugger/call-stack';
import { launch } from '../debug-adapter/debugger/launch';
import { resolveSpec } from '../debug-adapter/debugger/resolve';
import { walks } from './unwind-walks';

/** Milliseconds that a figure is taken over. */
const LONG_ENOUGH = 200;

async function main([program, place, rounds, initrd]: readonly string[]): Promise<void> {
  const debuggee = await launch(
    { program: program!, ...(initrd !== '' && initrd !== undefined && { initrd }) },
    createNodeFiles(),
  );
  const resolution = await resolveSpec(debuggee, place!);
  if (resolution.kind === 'unresolved') throw new Error(resolution.reason);
  debuggee.target.setBreakpoints(resolution.armed);
  const stop = await debuggee.target.run({ kind: 'continue' });
  if (stop.kind !== 'breakpoint') throw new Error(`${place} was not reached`);
  const hart = debuggee.target.harts[stop.hart]!;
  const speeds = walks.map((walk) => {
    const figures = Array.from({ length: Number(rounds) }, () => {
      let frames = 0;
      const end = performance.now() + LONG_ENOUGH;
      const before = process.cpuUsage();
      while (performance.now() < end) frames += callStack(debuggee, hart, walk).walk.frames.length;
      const { user, system } = process.cpuUsage(before);
      return (1e6 * frames) / (user + system);
    });
    return Math.max(...figures);
  });
  console.log(JSON.stringify(speeds));
}

void main(process.argv.slice(2));
