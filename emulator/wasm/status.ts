import type { CsrOperation } from '../isa/semantics';
import { FS_SHIFT, SD, SSTATUS_BITS, Status, UXL_64 } from '../isa/status';
import type { I32, I64, Statement } from './expression';
import { i32, i64, ifThen, sequence } from './expression';
import { translation, zero } from './frame';
import { FloatStatus, State, Tlb } from './layout';

/**
 * sstatus in generated code. Kernels switch interrupts off and on and open user memory all the time; the other CSRs, and what has more
 * effects, are for TypeScript.
 */
export const SSTATUS = 0x100;
const FS = 3 << FS_SHIFT;

/** Bit 0 is none of sstatus: in `State.quietStatus` it says that the hart may access it. */
export const ACCESSIBLE = 1;

/** Whether an instruction names sstatus. */
export const namesStatus = (bits: I32): I32 =>
  i32.eq(i32.shrU(bits, i32.constant(20)), i32.constant(SSTATUS));

const mstatus: I32 = i32.load(zero, State.mstatus);
const floatStatus: I32 = i32.load(zero, State.floatStatus);

/** What it reads as. */
export const status: I64 = i64.or(
  i64.zeroExtend32(
    i32.or(i32.and(mstatus, i32.constant(SSTATUS_BITS)), i32.shl(floatStatus, i32.constant(FS_SHIFT))),
  ),
  i64.select(
    i64.constant(UXL_64 | SD),
    i64.constant(UXL_64),
    i32.eq(floatStatus, i32.constant(FloatStatus.dirty)),
  ),
);

/** The bits that an instruction changes that reads `old`. */
export function statusChange(operation: CsrOperation, old: I64, operand: I64): I64 {
  const changes = { write: i64.xor(old, operand), set: notIn(operand, old), clear: i64.and(old, operand) };
  return i64.and(changes[operation], i64.constant(SSTATUS_BITS | FS));
}

const notIn = (bits: I64, of: I64): I64 => i64.and(bits, i64.xor(of, i64.constant(-1)));

/** Whether that can be done here, in the page of this pc. */
export const isQuiet = (change: I64, pc: I64): I32 =>
  i32.choose(
    i64.eqz(notIn(i64.or(change, i64.constant(ACCESSIBLE)), i64.load32U(zero, State.quietStatus))),
    i32.choose(switchesSlot(change), knowsPage(slotAfter(change), pc), i32.constant(1)),
    zero,
  );

const switchesSlot = (change: I64): I32 => i32.and(i32.wrap(change), i32.constant(Status.SUM));

const SLOT_SHIFT = 16;

/** The translation slot that goes with SUM then: SUM becomes 4, the distance of the two slots' addresses. */
const slotAfter = (change: I64): I32 =>
  i32.load(
    i32.and(
      i32.shrU(i32.xor(mstatus, i32.wrap(change)), i32.constant(SLOT_SHIFT)),
      i32.constant(Status.SUM >> SLOT_SHIFT),
    ),
    State.slots,
  );

/**
 * Whether the page that runs is known to a slot. Else it has to be looked up, with all effects that this has, as it is where a run
 * begins anew: what happens must not depend on where runs begin.
 */
const knowsPage = (slot: I32, pc: I64): I32 =>
  i64.eq(
    i64.load(
      i32.add(
        slot,
        i32.and(i32.shrU(i32.wrap(pc), i32.constant(8)), i32.constant((Tlb.entries - 1) * Tlb.entrySize)),
      ),
      Tlb.fetch,
    ),
    i64.and(pc, i64.constant(-4096)),
  );

/** Does it. With SUM the translation slot changes. */
export const changeStatus = (change: I64): Statement =>
  sequence(
    ifThen(
      switchesSlot(change),
      translation.set(slotAfter(change)),
      i32.store(zero, translation.get, State.translation),
    ),
    i32.store(zero, i32.xor(mstatus, i32.wrap(change)), State.mstatus),
  );
