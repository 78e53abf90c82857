/** How much of a step is done one look at a time: what tells full speed from a stop a turn, on a slow host as on a fast one. */
import type { RunRequest, TargetHart, TargetStop } from '../target/target';
import { ForwardingTarget } from './forwarding-target';

/** A target that counts how often it asks whether a run is over: after each stepped instruction, and at each stop at an awaited address. */
export class CountedTarget extends ForwardingTarget {
  looks = 0;

  override run(request: RunRequest): Promise<TargetStop> {
    const counted =
      (ask: (hart: TargetHart) => boolean) =>
      (hart: TargetHart): boolean => {
        this.looks++;
        return ask(hart);
      };
    if (request.kind === 'step')
      return super.run({ ...request, done: counted(request.done ?? (() => true)) });
    if (request.kind === 'until') return super.run({ ...request, accept: counted(request.accept) });
    return super.run(request);
  }
}
