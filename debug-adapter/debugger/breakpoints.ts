/**
 * Which breakpoints are set, by whom, and which of them a hart stands on. The target only knows the union of all
 * addresses.
 */
import type { Target } from '../target/target';

/** Who set a breakpoint: a source path, `functions`, `instructions`, … Each owner replaces its own set. */
type BreakpointOwner = string;

interface ArmedBreakpoint<T> {
  /** What is said to be hit. */
  readonly breakpoint: T;
  /** Every address that a pc may hold there: virtual, and physical before the MMU is on. */
  readonly armed: readonly bigint[];
}

export class Breakpoints<T> {
  readonly #target: Target;
  readonly #owners = new Map<BreakpointOwner, readonly ArmedBreakpoint<T>[]>();
  #at = new Map<bigint, T[]>();

  constructor(target: Target) {
    this.#target = target;
  }

  /** Replaces the breakpoints of one owner; allowed while the target runs. */
  set(owner: BreakpointOwner, breakpoints: readonly ArmedBreakpoint<T>[]): void {
    if (breakpoints.length > 0) this.#owners.set(owner, breakpoints);
    else this.#owners.delete(owner);
    this.#at = this.#index();
    this.#target.setBreakpoints(this.#at.keys());
  }

  /** The breakpoints at an address that a pc holds, in the order they were set. */
  at(pc: bigint): readonly T[] {
    return this.#at.get(pc) ?? [];
  }

  #index(): Map<bigint, T[]> {
    const found = new Map<bigint, T[]>();
    for (const breakpoints of this.#owners.values()) {
      for (const { breakpoint, armed } of breakpoints) {
        for (const address of new Set(armed)) {
          const others = found.get(address);
          if (others) others.push(breakpoint);
          else found.set(address, [breakpoint]);
        }
      }
    }
    return found;
  }
}
