/**
 * A target whose stops are looked at before anybody sees them: a breakpoint whose condition is false never stopped the
 * machine, so a step or a continue that met it goes on as if nothing had been.
 */
import type { RunRequest, Target, TargetStop } from '../target/target';
import { ForwardingTarget } from './forwarding-target';

export class FilteredTarget extends ForwardingTarget {
  readonly #isWanted: (stop: TargetStop) => boolean;

  constructor(target: Target, isWanted: (stop: TargetStop) => boolean) {
    super(target);
    this.#isWanted = isWanted;
  }

  /** A stop that is not wanted starts the same request again, which passes the breakpoints that harts stand on. */
  override async run(request: RunRequest): Promise<TargetStop> {
    for (;;) {
      const stop = await super.run(request);
      if (this.#isWanted(stop)) return stop;
    }
  }
}
