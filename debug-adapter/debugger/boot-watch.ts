/**
 * A target that watches its kernel boot: it stops, unseen by others, where a relocatable kernel has chosen its address and
 * where init text is given back, and later where modules come and go, so that breakpoints can follow before the machine goes on.
 */
import type { Kernel } from '../kernel/api';
import type { JudgedStop, RunRequest, Target, TargetStop } from '../target/target';
import type { BootEvents } from './api';
import { ForwardingTarget } from './forwarding-target';

export class BootWatch extends ForwardingTarget implements BootEvents {
  onChange: () => void | Promise<void> = () => undefined;
  /** Called where modules come and go, before `onChange`. */
  onModules: () => Promise<void> = () => Promise.resolve();
  readonly #kernel: Kernel;
  #wanted: ReadonlySet<bigint> = new Set();
  /** Where the milestones are now. */
  #armed: ReadonlySet<bigint> = new Set();
  /** Those of them where modules come and go. */
  #moduleStops: ReadonlySet<bigint> = new Set();
  /** Asked for while the machine stood still between two parts of a run. */
  #pauses = 0;

  constructor(target: Target, kernel: Kernel) {
    super(target);
    this.#kernel = kernel;
    this.setBreakpoints([]);
  }

  override pause(): void {
    this.#pauses++;
    super.pause();
  }

  override setBreakpoints(addresses: Iterable<bigint>): void {
    this.#wanted = new Set(addresses);
    this.#arm();
  }

  override async run(request: RunRequest): Promise<TargetStop> {
    const isWanted = (stop: JudgedStop): boolean => request.isWanted?.(stop) ?? true;
    for (;;) {
      const milestones = this.#armed;
      const stop = await super.run({
        ...request,
        isWanted: (stop) => (stop.kind === 'breakpoint' && milestones.has(stop.pc)) || isWanted(stop),
      });
      this.#pauses = 0;
      // Whatever stopped it: a hart that stands on a milestone passes it without another stop.
      const moved = this.#kernel.observe((address, length) => this.readPhysical(address, length));
      if (moved) this.#arm();
      const atModules = stop.kind === 'breakpoint' && this.#moduleStops.has(stop.pc);
      if (atModules) await this.onModules();
      if (moved || atModules) await this.onChange();
      if (stop.kind !== 'breakpoint' || !milestones.has(stop.pc)) return stop;
      if (this.#wanted.has(stop.pc) && isWanted(stop)) return stop;
      if (this.#pauses > 0) return { kind: 'pause' };
    }
  }

  #arm(): void {
    const run = (addresses: readonly bigint[]) =>
      addresses.flatMap((address) => this.#kernel.runAddresses(address));
    this.#moduleStops = new Set(run(this.#kernel.moduleMilestones));
    this.#armed = new Set([...run(this.#kernel.milestones), ...this.#moduleStops]);
    super.setBreakpoints([...this.#wanted, ...this.#armed]);
  }
}
