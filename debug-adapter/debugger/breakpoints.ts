/**
 * Which breakpoints are set, by whom, and which of them a hart stands on. The target only knows the union of all
 * addresses.
 */
import type { Target } from '../target/target';

/** Who set a breakpoint: a source path, `functions`, `instructions`, … Each owner replaces its own set. */
export type BreakpointOwner = string;

export interface ArmedBreakpoint {
  readonly id: number;
  /** Every address that a pc may hold there: virtual, and physical before the MMU is on. */
  readonly armed: readonly bigint[];
}

export class Breakpoints {
  readonly #target: Target;
  readonly #owners = new Map<BreakpointOwner, readonly ArmedBreakpoint[]>();
  #idsAt = new Map<bigint, number[]>();

  constructor(target: Target) {
    this.#target = target;
  }

  /** Replaces the breakpoints of one owner; allowed while the target runs. */
  set(owner: BreakpointOwner, breakpoints: readonly ArmedBreakpoint[]): void {
    if (breakpoints.length > 0) this.#owners.set(owner, breakpoints);
    else this.#owners.delete(owner);
    this.#idsAt = this.#index();
    this.#target.setBreakpoints(this.#idsAt.keys());
  }

  /** Ids of the breakpoints at an address that a pc holds, in the order they were set. */
  at(pc: bigint): readonly number[] {
    return this.#idsAt.get(pc) ?? [];
  }

  #index(): Map<bigint, number[]> {
    const idsAt = new Map<bigint, number[]>();
    for (const breakpoints of this.#owners.values()) {
      for (const { id, armed } of breakpoints) {
        for (const address of new Set(armed)) {
          const ids = idsAt.get(address);
          if (ids) ids.push(id);
          else idsAt.set(address, [id]);
        }
      }
    }
    return idsAt;
  }
}
