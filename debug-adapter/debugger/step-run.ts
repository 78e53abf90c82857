/** How a step lets the machine run: which interrupts are held, and whom it goes with when the task changes. */
import type { TargetHart, TargetStop } from '../target/target';
import type { Debuggee, StepPolicy } from './api';
import { FunctionCode } from './function-code';
import type { Comeback } from './step-return';

/** How a run to a place ended; `arrived` is false where something else ended it, and the step with it. */
export type Arrival =
  | { readonly arrived: true; readonly stop: Extract<TargetStop, { kind: 'step' }> }
  | { readonly arrived: false; readonly stop: TargetStop };

export class StepRun {
  readonly debuggee: Debuggee;
  readonly policy: StepPolicy;
  /** The hart that the step began on. */
  readonly #hart: TargetHart;
  #switches: readonly bigint[] | undefined;

  constructor(debuggee: Debuggee, hart: TargetHart, policy: StepPolicy) {
    this.debuggee = debuggee;
    this.policy = policy;
    this.#hart = hart;
  }

  /** Steps instructions of a hart until `done` says so after one of them. */
  instructions(hart: TargetHart, done?: (hart: TargetHart) => boolean): Promise<TargetStop> {
    return this.debuggee.target.run({
      kind: 'step',
      hart: hart.index,
      interrupts: !this.policy.holdInterrupts,
      ...(done && { done }),
    });
  }

  /** Runs at full speed to a place that the step waits for. A step that follows its hart ends where that goes on in another task. */
  async until({ addresses, accept }: Comeback): Promise<Arrival> {
    const { target } = this.debuggee;
    const awaited = new Set(addresses);
    const switches = new Set(this.policy.follows === 'hart' ? this.#switchEnds() : []);
    const switched = (hart: TargetHart) => hart.index === this.#hart.index && switches.has(hart.pc);
    const stop = await target.run({
      kind: 'until',
      addresses: [...awaited, ...switches],
      accept: (hart) => (awaited.has(hart.pc) && accept(hart)) || switched(hart),
    });
    if (stop.kind !== 'step') return { arrived: false, stop };
    const hart = target.harts[stop.hart]!;
    if (awaited.has(hart.pc) && accept(hart)) return { arrived: true, stop };
    // One instruction on it is back in the caller, from where a walk sees all frames.
    return { arrived: false, stop: await this.instructions(hart) };
  }

  /** The returns of the function that changes tasks: there the registers are those of the next one. */
  #switchEnds(): readonly bigint[] {
    if (this.#switches) return this.#switches;
    const { kernel } = this.debuggee;
    const entries = kernel.taskSwitch ? kernel.runAddresses(kernel.taskSwitch.address) : [];
    this.#switches = entries.flatMap((pc) => {
      const code = FunctionCode.of(this.debuggee, this.#hart, { pc, isReturnAddress: false });
      if (!code) return [];
      const moved = pc - code.start;
      return [...code.instructions()]
        .filter(({ flow }) => flow === 'return')
        .map(({ address }) => address + moved);
    });
    return this.#switches;
  }
}
