import type { TrapFilter, TrapRecord, WatchHit } from '../api';
import { Privilege } from '../api';
import type { HartStop } from './api';
import type { Breakpoints } from './breakpoints';
import { INTERRUPT_CAUSE } from './csr/causes';

/** Why a run of one hart is going to end: a breakpoint or a trap that somebody wants to see, or a request. */
export class RunEnd {
  #stop: HartStop | undefined;
  #requested = false;
  /** Breakpoint that is not to stop the hart the next time. */
  #passing: bigint | undefined;
  /** Steps of the hart at which it is outside its text as it was before. */
  #astray: number | undefined;
  /** From where the hart came to where, and how many steps it had gone then. */
  #origin: { readonly from: bigint; readonly to: bigint; readonly steps: number } | undefined;

  /** A run begins: requests from before do not concern it. */
  begin(): void {
    this.#requested = false;
  }

  /** The run is to end after the step at hand. */
  request(): void {
    this.#requested = true;
  }

  /** Why the run ends here, if it does. */
  take(): HartStop | undefined {
    const stop = this.#stop ?? (this.#requested ? { kind: 'reschedule' } : undefined);
    this.#stop = undefined;
    return stop;
  }

  /** The hart goes on from a stop at this pc. */
  pass(pc: bigint, breakpoints: Breakpoints): void {
    this.#passing = breakpoints.has(pc) ? pc : undefined;
  }

  /** The hart came to a breakpoint. False if it passes it, which it does once. */
  stopAtBreakpoint(hart: number, pc: bigint): boolean {
    if (this.#passing === pc) {
      this.#passing = undefined;
      return false;
    }
    this.#stop = { kind: 'breakpoint', hart, pc };
    return true;
  }

  /** The hart has gone so many steps, and the last instruction led to this address. */
  came(from: bigint, to: bigint, steps: number): void {
    this.#origin = { from, to, steps };
  }

  /** The hart is about to execute what is outside its text, having gone so many steps. False if it goes on: it has come from there, or from this stop. */
  stopAstray(hart: number, pc: bigint, steps: number): boolean {
    const isNews = steps !== this.#astray;
    this.#astray = isNews ? steps : steps + 1;
    if (!isNews) return false;
    const origin = this.#origin;
    const from = origin?.steps === steps && origin.to === pc ? origin.from : undefined;
    this.#stop = { kind: 'stray', hart, pc, from };
    return true;
  }

  /** The last instruction accessed something that is watched, or nothing if there are no hits. */
  watched(hits: readonly WatchHit[]): void {
    if (hits.length > 0) this.#stop = { kind: 'watch', hits };
  }

  /** The hart took a trap. */
  trapTaken(trap: TrapRecord, filter: TrapFilter | undefined): void {
    if (filter && matches(filter, trap)) this.#stop = { kind: 'trap', trap };
  }
}

function matches(filter: TrapFilter, { cause, from }: TrapRecord): boolean {
  const code = 1n << (cause & 63n);
  if (cause & INTERRUPT_CAUSE) return (filter.interrupts & code) !== 0n;
  const wanted = from === Privilege.user ? filter.exceptionsFromUser : filter.exceptionsFromKernel;
  return (wanted & code) !== 0n;
}
