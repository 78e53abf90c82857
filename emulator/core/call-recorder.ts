import type { CallChain, TrapRecord } from '../api';
import { Privilege } from '../api';
import type { CallArea } from './call-area';
import { describeChain } from './call-area';
import type { SuspendedChains } from './suspended-chains';

const T0 = 5;
const PAGE_OFFSET = 0xfffn;
/** Nothing has larger frames: kernels warn of such (CONFIG_FRAME_WARN). */
const LARGEST_FRAME = 2048n;

/**
 * Follows what one hart has called and not returned from, in S- and M-mode. Generated code does calls and those returns that are from the
 * innermost call, with its sp; this does the rest: traps, and returns that are none or lead elsewhere, to another stack above all.
 */
export class CallRecorder {
  readonly #area: CallArea;
  readonly #suspended: SuspendedChains;

  constructor(area: CallArea, suspended: SuspendedChains) {
    this.#area = area;
    this.#suspended = suspended;
  }

  /** `undefined` in user mode. */
  get chain(): CallChain | undefined {
    return this.#area.isRecording ? describeChain(this.#area.save()) : undefined;
  }

  /** The hart began to run. */
  started(pc: bigint): void {
    this.#begin(pc);
  }

  /** A chain of calls is as deep as can be. */
  makeRoom(): void {
    this.#area.dropOutermost();
  }

  trapTaken(trap: TrapRecord): void {
    const area = this.#area;
    if (trap.from === Privilege.user) {
      area.begin({ kind: 'user', trap, sp: area.sp });
      return;
    }
    if (!area.isRecording) area.begin({ kind: 'lost' });
    area.pushTrap(trap);
  }

  /** `mret` or `sret`, which are for traps into `level`, went on at `target` with the privilege `to`. */
  trapReturned(target: bigint, level: Privilege, to: Privilege): void {
    const area = this.#area;
    if (to === Privilege.user) {
      area.end();
      return;
    }
    const { sp } = area;
    const traps = [...area.traps()].filter(({ trap }) => trap.to === level);
    const own = traps.find(({ index }) => area.spAt(index) === sp);
    const [innermost] = traps;
    if (own) {
      area.leave(own.index);
    } else if (innermost) {
      // The handler has changed to another stack, on which another trap is to be left, or none: something new.
      area.leave(innermost.index + 1);
      if (this.#resume(undefined)) return;
      // Or it has changed sp.
      if (innermost.trap.epc === target) area.leave(innermost.index);
      else this.#beginAnother(target);
    } else if (level === Privilege.machine && area.origin.kind !== 'user') {
      // Firmware starts what runs above it, and does not come back to where it was.
      this.#begin(target);
    }
  }

  /** A return to `target` through a link register that is not from the innermost call with that call's sp. */
  returned(target: bigint, link: number): void {
    const area = this.#area;
    const { top, sp } = area;
    // Routines that save registers on behalf of a function that begins return with the stack that they have made (psABI, millicode).
    if (link === T0 && area.returnAddressAt(top) === target) {
      area.leave(top);
      return;
    }
    const own = area.findLast((index) => area.spAt(index) === sp && area.returnAddressAt(index) === target);
    if (own !== undefined) {
      area.leave(own);
      return;
    }
    if (this.#resume(target)) return;
    const moved = area.findLast((index) => area.spAt(index) === sp && this.#isMoved(index, target));
    if (moved !== undefined) {
      area.leave(moved);
      return;
    }
    // Where nothing has been called the link register was written otherwise.
    if (area.returnAddressAt(top) !== undefined) this.#jumped(target, sp);
  }

  /** The call returns to the same code, which is mapped elsewhere by now: kernels turn their MMU on like that. */
  #isMoved(index: number, target: bigint): boolean {
    const address = this.#area.returnAddressAt(index);
    return address !== undefined && ((address ^ target) & PAGE_OFFSET) === 0n;
  }

  /** Control went to a place that has not called the innermost function: to a new stack, out of several functions at once, or neither. */
  #jumped(target: bigint, sp: bigint): void {
    const area = this.#area;
    const innermost = area.spAt(area.top);
    // A function that uses the link register for a jump of its own, or returned to a trampoline that will return in its place.
    if (sp <= innermost && sp + LARGEST_FRAME >= innermost) return;
    const outer = sp < innermost ? undefined : area.findLast((index) => area.spAt(index) >= sp);
    if (outer === undefined) this.#beginAnother(target);
    // Where sp is the same the call was made by the function that goes on.
    else area.leave(area.spAt(outer) === sp ? outer : outer + 1);
  }

  /** Changes to the chain that goes on with the present sp, by a return to this address or out of a trap, if there is one. */
  #resume(returnAddress: bigint | undefined): boolean {
    const other = this.#suspended.take(this.#area.sp, returnAddress);
    if (!other) return false;
    this.#suspended.add(this.#area.save());
    this.#area.restore(other);
    this.#area.leave(this.#area.top);
    return true;
  }

  #beginAnother(pc: bigint): void {
    this.#suspended.add(this.#area.save());
    this.#begin(pc);
  }

  #begin(pc: bigint): void {
    this.#area.begin({ kind: 'start', pc, sp: this.#area.sp });
  }
}
