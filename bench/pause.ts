import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BootImage } from '../emulator/api';
import { createTarget } from '../debug-adapter/target/create-target';

/** Milliseconds that the machine runs before each pause: different, so that pauses fall anywhere into a turn. */
const runsFor = (index: number): number => 10 + (index % 7);

/**
 * How long a user waits for a running machine to stop: from the moment a pause is due, which includes the wait for the
 * event loop, to the moment the run has ended. Milliseconds, one value for each pause.
 */
export async function pauseLatencies({ segments, entry }: BootImage, pauses: number): Promise<number[]> {
  const target = createTarget({
    image: {
      segments: segments.map(({ address, ...rest }) => ({ ...rest, physicalAddress: BigInt(address) })),
      entry: BigInt(entry),
    },
    firmware: 'none',
  });
  const latencies: number[] = [];
  for (let index = 0; index < pauses; index++) {
    const run = target.run({ kind: 'continue' });
    const due = performance.now() + runsFor(index);
    await sleep(runsFor(index));
    target.pause();
    const stop = await run;
    if (stop.kind !== 'pause') break; // The program came to its end first.
    latencies.push(performance.now() - due);
  }
  return latencies;
}
