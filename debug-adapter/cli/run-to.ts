/** Running a guest without a person at its console, until a breakpoint that is wanted or whatever else ends it. */
import type { Target, TargetExit } from '../target/target';

export type Arrival =
  | { readonly kind: 'breakpoint'; readonly hart: number; readonly pc: bigint }
  | { readonly kind: 'limit' }
  /** The guest waits for console input, and there is nobody to give it. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'exit'; readonly exit: TargetExit };

/** Runs until a breakpoint stops it, on whichever hart. */
export async function runTo(target: Target): Promise<Arrival> {
  // Nobody else pauses it: a pause means that it waits.
  target.onWaiting = () => target.pause();
  for (;;) {
    const stop = await target.run({ kind: 'continue' });
    switch (stop.kind) {
      case 'breakpoint':
      case 'limit':
      case 'exit':
        return stop;
      case 'pause':
        return { kind: 'waiting' };
      // None of them is asked for.
      case 'step':
      case 'trap':
      case 'watch':
      case 'stray':
        break;
    }
  }
}
