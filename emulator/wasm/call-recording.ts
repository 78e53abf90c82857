import type { I32, I64, Statement } from './expression';
import { i32, i64, ifElse, ifThen } from './expression';
import { address, entry, host, zero } from './frame';
import { imports } from './imports';
import { CallArea, Entry, State } from './layout';

const RA = 1;
const T0 = 5;
const SP = 2;

const register = (field: number): I32 => i32.load16U(entry.get, field);
/** x1 and x5 are link registers, whose numbers times 8 differ in one bit. */
const isLink = (field: number): I32 =>
  i32.eq(i32.and(register(field), i32.constant(~((T0 - RA) * 8))), i32.constant(RA * 8));

const sp: I64 = i64.load(zero, State.x + SP * 8);
const top = host;
const recorded: I32 = top.tee(i32.load(zero, State.callTop));
const setTop = (value: I32): Statement => i32.store(zero, value, State.callTop);
const isLast: I32 = i32.eq(
  i32.and(top.get, i32.constant(CallArea.size - 1)),
  i32.constant(CallArea.size - CallArea.entrySize),
);

/** Notes the call that the instruction at hand is, if it writes a link register (unpriv §2.5.1). */
export const recordCall = (returnAddress: I64): Statement =>
  ifThen(
    isLink(Entry.rd),
    ifThen(
      recorded,
      top.set(i32.add(top.get, i32.constant(CallArea.entrySize))),
      i64.store(top.get, returnAddress, CallArea.returnAddress),
      i64.store(top.get, sp, CallArea.sp),
      setTop(top.get),
      ifThen(isLast, imports.callAreaFull()),
    ),
  );

/**
 * Takes back the innermost call if the indirect jump at hand, to `address`, returns from it: to its return address, with the sp of the call.
 * Other returns are TypeScript's. It is none if it links to the register that it jumps by (unpriv §2.5.1, table of return-address hints).
 */
export const recordReturn: Statement = ifThen(
  i32.and(isLink(Entry.rs1), i32.ne(register(Entry.rs1), register(Entry.rd))),
  ifThen(
    recorded,
    ifElse(
      i32.and(
        i64.eq(i64.load(top.get, CallArea.returnAddress), address.get),
        i64.eq(i64.load(top.get, CallArea.sp), sp),
      ),
      setTop(i32.sub(top.get, i32.constant(CallArea.entrySize))),
      imports.returned(address.get, i32.shrU(register(Entry.rs1), i32.constant(3))),
    ),
  ),
);
