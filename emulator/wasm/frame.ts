import { ValueType } from './code';
import type { I32, I64, Label, Statement } from './expression';
import { i32, i64, Local, returnFromFunction, sequence } from './expression';
import { State, Tlb } from './layout';

const { i32: I32Type, i64: I64Type } = ValueType;

/** Types of the interpreter's locals, in the order of the indices below. */
export const localTypes = [I32Type, I32Type, I64Type, I32Type, I32Type, I64Type, I32Type, I32Type].concat(
  Array<typeof I64Type>(4).fill(I64Type),
);

/** Entry of the current instruction: the program counter. */
export const entry = new Local<I32>(0);
/** Steps left, the current one already taken off. */
export const budget = new Local<I32>(1);
/** Guest address minus `entry / 8`, the same for all entries of a page. */
export const delta = new Local<I64>(2);
/** Decoded page that `entry` lies in. */
export const page = new Local<I32>(3);
/** Translation slot. */
export const translation = new Local<I32>(4);
/** Virtual address of a memory access, or where to jump. */
export const address = new Local<I64>(5);
/** TLB entry of `address`. */
export const tlbEntry = new Local<I32>(6);
/** Address in this memory of an atomic access. */
export const host = new Local<I32>(7);
/** Values bound by semantics. */
export const temporaries = [8, 9, 10, 11].map((index) => new Local<I64>(index));

/** What of a machine its interpreter is generated for. */
export interface MachineTraits {
  /** Whether there are compressed instructions. If not, jumps to half a word trap (IALIGN, unpriv §1.5). */
  readonly compressed: boolean;
  /** Whether calls and returns are recorded in the call area. */
  readonly recordsCalls: boolean;
}

/** Where handlers continue: `next` dispatches on `entry`, `jump` finds the entry of `address` first. */
export interface Continuations extends MachineTraits {
  readonly next: Label;
  readonly jump: Label;
}

/** A `delta` that makes no address look as if it were in the current page. */
export const noPage = i64.constant(1);

export const zero = i32.constant(0);

/** Address of the current instruction. */
export const pc: I64 = i64.add(delta.get, i64.zeroExtend32(i32.shrU(entry.get, i32.constant(3))));

/** Makes the pc and the steps left known to TypeScript. */
export const saveAt = (at: I64, steps: I32 = budget.get): Statement =>
  sequence(i64.store(zero, at, State.pc), i32.store(zero, steps, State.budget));
export const save = saveAt(pc);

export const exitAt = (at: I64): Statement => sequence(saveAt(at), returnFromFunction);

/** Gives back the step that was taken off for an entry that is no instruction. */
export const uncount: Statement = budget.set(i32.add(budget.get, i32.constant(1)));

export const moveTo = (target: I32): Statement => entry.set(target);

/** Sets `tlbEntry` for `address`, leaves it. */
export const findTlbEntry: I32 = tlbEntry.tee(
  i32.add(
    i32.and(
      i32.shrU(i32.wrap(address.get), i32.constant(8)),
      i32.constant((Tlb.entries - 1) * Tlb.entrySize),
    ),
    translation.get,
  ),
);
