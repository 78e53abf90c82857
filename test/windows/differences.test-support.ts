/** Where a walk differs from what was recorded, each place with the window that explains it. */
import assert from 'node:assert/strict';
import type { WalkKind, Frame, WalkResult } from '../../debug-adapter/unwind/types';
import { locate } from '../../debug-adapter/debugger/location';
import { FunctionCode, type PlacedInstruction } from '../../debug-adapter/debugger/function-code';
import {
  isCoveredByCfi,
  hasFrame,
  windowOf,
  type Place,
  type Window,
} from '../../debug-adapter/debugger/windows';

/** Nothing else explains a difference: the windows that a pc tells, and what only the recorded calls do. */
export type Explanation =
  | Window
  /** The function was not called but jumped to, and has saved what was in ra. */
  | 'tail jump'
  /** The handler has changed where the exception returns to: what pt_regs says is not what happened. */
  | 'epc was changed'
  /** `walk_stackframe()` of 7.3 takes no record that lies in another stack. */
  | 'IRQ stack that legacy cannot leave';

export interface Difference {
  /** Index of the recorded row whose caller the walk has not, or has other than it was. */
  readonly row: number;
  readonly window: Explanation;
}

/** What a walk found beside what happened. `unexplained` says what no window explains. */
export interface Compared {
  readonly differences: readonly Difference[];
  readonly unexplained: string | undefined;
}

/**
 * Rows are compared from the innermost one on. Where one is missing, the row before it must be in a window; the walk must then go on with
 * the caller's caller if the caller keeps a frame. Where even that cannot be known, the comparison ends.
 * @param truth back to where it began
 */
export function compareWithTruth(place: Place, truth: WalkResult, walk: WalkResult): Compared {
  return new Comparison(place, truth, walk).run();
}

/** What the default view promises: R11 repairs what call frame information covers, and a reliable walk misses nobody. */
export function assertShown({ reliable, verdict }: WalkResult, differences: readonly Difference[]): void {
  const windows = differences.map(({ window }) => window);
  assert.deepEqual(windows.filter(isCoveredByCfi), [], 'R11 repairs what call frame information covers');
  if (reliable)
    assert.deepEqual(
      windows.filter((window) => window !== 'tail jump'),
      [],
      verdict,
    );
}

const sp = 2;

class Comparison {
  readonly #place: Place;
  readonly #truth: WalkResult;
  readonly #walk: WalkResult;
  readonly #differences: Difference[] = [];
  /** Rows that were equal or are explained so far. */
  #recorded = 0;
  #found = 0;
  /** The last recorded row is not in the walk. */
  #hasSkipped = false;

  constructor(place: Place, truth: WalkResult, walk: WalkResult) {
    this.#place = place;
    this.#truth = truth;
    this.#walk = walk;
  }

  run(): Compared {
    for (;;) {
      const recorded = this.#truth.frames[this.#recorded];
      const found = this.#walk.frames[this.#found];
      if (!recorded && !found) return this.#compareEnds();
      if (recorded && found && isSame(recorded, found)) {
        if (recorded.pc !== found.pc)
          this.#differences.push({ row: this.#recorded, window: 'epc was changed' });
        this.#recorded++;
        this.#found++;
        this.#hasSkipped = false;
        continue;
      }
      const outcome = this.#explain(recorded, found);
      if (outcome) return outcome;
    }
  }

  /** `undefined` if the comparison goes on. */
  #explain(recorded: Frame | undefined, found: Frame | undefined): Compared | undefined {
    const window = this.#window(recorded, found);
    if (!window) return this.#unexplained('no window is there');
    this.#differences.push({ row: this.#recorded - 1, window });
    if (window === 'tail jump') {
      this.#found++;
      return undefined;
    }
    if (!isCoveredByCfi(window)) return this.#explained;
    if (!recorded) return this.#unexplained('a caller was invented');
    // What a leaf keeps in the place of ra is its caller's s0, and never text (R18).
    if (window === 'compact leaf') {
      return !found && this.#walk.end.rule === 'R18' ? this.#explained : this.#unexplained('not R18');
    }
    if (!keepsFrame(this.#place, recorded)) return this.#explained;
    this.#recorded++;
    this.#hasSkipped = true;
    return undefined;
  }

  #window(recorded: Frame | undefined, found: Frame | undefined): Explanation | undefined {
    if (!recorded && found && this.#isEnteredByJump(found)) return 'tail jump';
    // A window explains one missing caller.
    const own = this.#hasSkipped ? undefined : windowOf(this.#place, this.#walk.frames[this.#found - 1]!);
    if (own) return own;
    if (recorded && !found && this.#leavesIrqStack(recorded)) return 'IRQ stack that legacy cannot leave';
    return undefined;
  }

  #isEnteredByJump(found: Frame): boolean {
    const { debuggee, hart } = this.#place;
    const entered = FunctionCode.of(debuggee, hart, this.#truth.frames[this.#recorded - 1]!);
    const jumper = FunctionCode.of(debuggee, hart, found);
    return entered !== undefined && jumper !== undefined && jumpsTo(entered, jumper);
  }

  #leavesIrqStack(recorded: Frame): boolean {
    const irq = this.#place.context.stacks.find(({ kind }) => kind === 'irq');
    const [inner, outer] = [
      this.#truth.frames[this.#recorded - 1]?.registers.get(sp),
      recorded.registers.get(sp),
    ];
    if (!irq || inner === undefined || outer === undefined || this.#walk.kind !== 'legacy') return false;
    const isIn = (address: bigint) => address > irq.low && address <= irq.high;
    return isIn(inner) && !isIn(outer);
  }

  #compareEnds(): Compared {
    const { frames, end } = this.#walk;
    if (end.kind === 'final') return this.#explained;
    const window = windowOf(this.#place, frames.at(-1)!);
    if (!window) return this.#unexplained('the walk has all rows but does not know that it is at the end');
    this.#differences.push({ row: frames.length - 1, window });
    return this.#explained;
  }

  get #explained(): Compared {
    return { differences: this.#differences, unexplained: undefined };
  }

  #unexplained(why: string): Compared {
    const { debuggee, hart } = this.#place;
    const names = ({ frames, end }: WalkResult) => {
      const rows = frames.map(({ pc, mark, isReturnAddress }) => {
        const { symbol, offset } = locate(debuggee, pc, { bare: hart.bare, isReturnAddress });
        return `${symbol}+0x${offset.toString(16)}${mark === 'P' ? ' (P)' : ''}`;
      });
      return `${rows.join(' ← ')} | ${end.kind} ${end.rule}: ${end.reason}`;
    };
    const kind: WalkKind = this.#walk.kind;
    const text = `${why}, after ${this.#found} rows of the ${kind} walk\nrecorded: ${names(this.#truth)}\n${kind}: ${names(this.#walk)}`;
    return { differences: this.#differences, unexplained: text };
  }
}

/** The same pc, or the same exception: pt_regs has the sp with which it was taken, whatever its handler did to epc. */
function isSame(recorded: Frame, found: Frame): boolean {
  if (recorded.mark !== 'P' || found.mark !== 'P')
    return recorded.pc === found.pc && recorded.mark !== 'P' && found.mark !== 'P';
  return recorded.registers.get(sp) === found.registers.get(sp);
}

/**
 * Does a function keep an s0 of its own where it calls another one? C does. With metadata assembly does, too, that has been called or
 * has taken an exception.
 */
function keepsFrame({ debuggee: { kernel, program }, hart }: Place, { pc, isReturnAddress }: Frame): boolean {
  if (kernel.hasMetadata) return true;
  const row = program.callFrames?.at(kernel.linkAddress(isReturnAddress ? pc - 1n : pc, hart.bare).address);
  return row !== undefined && hasFrame(row);
}

/** A function ends in another one, without a call. */
function jumpsTo(entered: FunctionCode, jumper: FunctionCode): boolean {
  let before: PlacedInstruction | undefined;
  for (const instruction of jumper.instructions()) {
    const { flow, target = farTarget(before, instruction) } = instruction;
    if (flow === 'jump' && target === entered.start) return true;
    before = instruction;
  }
  return false;
}

/** `tail` to far away: `auipc t1,…` before `jr …(t1)` (psABI, "Far Branches"). */
function farTarget(before: PlacedInstruction | undefined, { text }: PlacedInstruction): bigint | undefined {
  const upper = /^auipc t1,(0x[\da-f]+)$/.exec(before?.text ?? '')?.[1];
  const lower = /^jr (-?\d+)\(t1\)$/.exec(text)?.[1];
  if (!before || upper === undefined || lower === undefined) return undefined;
  return BigInt.asUintN(64, before.address + BigInt.asIntN(32, BigInt(upper) << 12n) + BigInt(lower));
}
