/**
 * A target whose stops are judged before anybody sees them: a breakpoint whose condition is false never stopped the machine, so
 * a step or a continue that met it goes on as if nothing had been.
 */
import type { JudgedStop, RunRequest, Target, TargetStop } from '../target/target';
import { ForwardingTarget } from './forwarding-target';

export class FilteredTarget extends ForwardingTarget {
  readonly #isWanted: (stop: JudgedStop) => boolean;

  /** @param isWanted see `RunRequest.isWanted`; asked after that of a request */
  constructor(target: Target, isWanted: (stop: JudgedStop) => boolean) {
    super(target);
    this.#isWanted = isWanted;
  }

  override run(request: RunRequest): Promise<TargetStop> {
    return super.run({
      ...request,
      isWanted: (stop) => (request.isWanted?.(stop) ?? true) && this.#isWanted(stop),
    });
  }
}
