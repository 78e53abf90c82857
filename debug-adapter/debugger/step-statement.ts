/** Where the statement of a step ends: by its lines, its function, and the functions that were inlined there. */
import type { LineRange, SourceLine } from '../symbols/api';
import type { Debuggee } from './api';
import { rowAt } from './code';
import { inlineNestAt, isInside, isSameNest, nestBefore, type InlineNest } from './inline-nest';

/** What is stepped. */
export interface StepWish {
  /** `out` leaves the innermost inlined function that the hart is in. */
  readonly kind: 'in' | 'over' | 'out';
  /** The row of a statement step; without one a step in or over is a single instruction. */
  readonly row: LineRange | undefined;
  /** Of all calls and inlined functions on the line, the one at this address alone is entered, if the hart comes to it. */
  readonly into: bigint | undefined;
  /** The hart stands before the inlined functions that begin at its pc, not in them: a step over has come there. */
  readonly isBefore: boolean;
}

export class StepStatement {
  readonly #debuggee: Debuggee;
  readonly #wish: StepWish;
  /** Where the step began. */
  readonly #home: InlineNest;
  readonly #start: SourceLine | undefined;
  /** The inlined function that is to be entered. */
  readonly #chosen: InlineNest | undefined;

  /** @param bare the pc, and what the wish refers to, may be physical addresses */
  constructor(debuggee: Debuggee, wish: StepWish, pc: bigint, bare: boolean) {
    this.#debuggee = debuggee;
    this.#wish = wish;
    // A single instruction ends wherever it leads: debug information is not asked where it began.
    const nest = this.isInstruction ? [] : inlineNestAt(debuggee, pc, bare);
    const before = wish.isBefore
      ? nestBefore(nest, debuggee.kernel.linkAddress(pc, bare).address)
      : undefined;
    this.#home = before?.nest ?? nest;
    this.#start = before?.line ?? wish.row;
    this.#chosen = wish.into === undefined ? undefined : this.inlinedAt(wish.into, bare);
  }

  /** True for a single instruction. */
  get isInstruction(): boolean {
    return this.#wish.row === undefined && this.#wish.kind !== 'out';
  }

  /** The nest up to the function that was inlined into the step's own one and has that address; `undefined` if none has. */
  inlinedAt(pc: bigint, bare: boolean): InlineNest | undefined {
    const depth = this.#home.length;
    const nest = inlineNestAt(this.#debuggee, pc, bare);
    return depth > 0 && nest.length > depth && isInside(nest, this.#home)
      ? nest.slice(0, depth + 1)
      : undefined;
  }

  /** Whether another statement begins at a pc of the same real function, one that the step is to end at. */
  endsAt(pc: bigint, bare: boolean): boolean {
    if (this.isInstruction) return true;
    const row = rowAt(this.#debuggee, pc, bare);
    const { address } = this.#debuggee.kernel.linkAddress(pc, bare);
    const begins = row?.startsStatement === true && row.start === address;
    // Debug information is asked for functions only where that can decide.
    return (
      (begins || !row || this.#wish.kind === 'out') &&
      this.#isEnough(inlineNestAt(this.#debuggee, pc, bare), row, address)
    );
  }

  /**
   * At the begin of a statement, or in code without a line. Optimised code goes to and fro between a function and those that are
   * inlined there: each begin of a statement counts by the function that it is in, so that every step comes further.
   */
  #isEnough(nest: InlineNest, row: SourceLine | undefined, address: bigint): boolean {
    const home = this.#home;
    const { kind } = this.#wish;
    const start = this.#start;
    if (this.#chosen && isInside(nest, this.#chosen)) return true;
    const isOther = row?.line !== start?.line || row?.file !== start?.file;
    // Assembly may be described in parts, or not at all.
    if (nest[0]?.id !== home[0]?.id) return isOther;
    if (isSameNest(nest, home)) return kind !== 'out' && isOther;
    if (kind === 'in' || isInside(home, nest)) return true;
    // Steps over and out do not end in a function that was inlined elsewhere. Before it is still in the outer one.
    const before = kind === 'over' ? nestBefore(nest, address) : undefined;
    return before !== undefined && this.#isEnough(before.nest, before.line, address);
  }
}
