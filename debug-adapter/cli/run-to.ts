/** Running a guest without a person at its console, until a breakpoint or whatever else ends it. */
import type { Target, TargetExit } from '../target/target';

export type Arrival =
  | { readonly kind: 'breakpoint'; readonly hart: number; readonly pc: bigint }
  | { readonly kind: 'limit' }
  /** The guest waits for console input, and there is nobody to give it. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'exit'; readonly exit: TargetExit };

/** Runs until the breakpoints that are set have been hit `hits` times, on whichever hart. */
export async function runTo(target: Target, hits: number): Promise<Arrival> {
  // Nobody else pauses it: a pause means that it waits.
  target.onWaiting = () => target.pause();
  for (let hit = 1; ; hit++) {
    const stop = await target.run({ kind: 'continue' });
    switch (stop.kind) {
      case 'breakpoint':
        if (hit === hits) return stop;
        break;
      case 'limit':
      case 'exit':
        return stop;
      case 'pause':
        return { kind: 'waiting' };
      // None of them is asked for.
      case 'step':
      case 'trap':
      case 'watch':
        break;
    }
  }
}
