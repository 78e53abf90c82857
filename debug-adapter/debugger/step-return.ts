/** Where a frame goes on after a call or a trap, and how to know that it is that frame. */
import type { TargetHart } from '../target/target';
import type { Debuggee } from './api';
import { functionAt } from './code';
import { hartState, memoryOf } from './harts';
import type { StepPoint } from './step-scan';

/** A place that a step waits for, for an `until` request. */
export interface Comeback {
  readonly addresses: readonly bigint[];
  readonly accept: (hart: TargetHart) => boolean;
}

const sp = 2;
const ra = 1;

/** After a call: behind it; after a tail call: at our caller, in ra. */
export function returnFromCall(debuggee: Debuggee, hart: TargetHart, before: StepPoint): Comeback {
  const isCall = before.instruction?.flow === 'call';
  const address = isCall ? before.pc + BigInt(before.instruction.length) : hart.getX(ra);
  return { addresses: aliases(debuggee, address, hart.bare), accept: inFrame(before.sp) };
}

/** After a trap: at or behind the instruction, or anywhere in its function where a fixup may send it. */
export function returnFromTrap(
  debuggee: Debuggee,
  hart: TargetHart,
  before: Pick<StepPoint, 'pc' | 'sp' | 'privilege' | 'bare'>,
): Comeback {
  const { pc, bare, privilege } = before;
  // Instructions are 2 or 4 bytes; a page that is not there now does not tell which.
  const behind = [pc, pc + 2n, pc + 4n];
  if (privilege === 'user') return { addresses: behind, accept: inUserMode(debuggee, hart) };
  const addresses = [...new Set([...behind, ...placesInFunction(debuggee, pc, bare)])];
  const inSameFrame = inFrame(before.sp);
  return {
    addresses,
    accept: (candidate) => candidate.privilege === privilege && inSameFrame(candidate),
  };
}

/**
 * A stack address belongs to one frame of one task, so that equal sp means the frame that is waited for: not a
 * recursive call (lower), not another task, and on whichever hart the task went on.
 */
function inFrame(expected: bigint): Comeback['accept'] {
  return (hart) => hart.getX(sp) === expected;
}

/** Processes of one program share addresses: only the task that runs on `hart` now is the same frame. */
function inUserMode(debuggee: Debuggee, hart: TargetHart): Comeback['accept'] {
  const task = currentTask(debuggee, hart);
  return (candidate) => candidate.privilege === 'user' && currentTask(debuggee, candidate) === task;
}

function currentTask(debuggee: Debuggee, hart: TargetHart): bigint | undefined {
  return debuggee.kernel.currentTask(hartState(hart), memoryOf(hart))?.address;
}

/** Bytes before and behind a pc in which a fixup is looked for, if its function is larger. */
const reach = 4096n;

/** Every place in the function of `pc` that an instruction can be at: a fixup may be in the middle of a statement. */
function placesInFunction(debuggee: Debuggee, pc: bigint, bare: boolean): readonly bigint[] {
  const home = functionAt(debuggee, pc, bare);
  if (!home) return [];
  const link = debuggee.kernel.linkAddress(pc, bare).address;
  const start = home.address > link - reach ? home.address : link - reach;
  const end =
    home.address + BigInt(home.size) < link + reach ? home.address + BigInt(home.size) : link + reach;
  const places: bigint[] = [];
  for (let at = start; at < end; at += 2n) places.push(...debuggee.kernel.runAddresses(at));
  return places;
}

/** An address as a pc holds it now and, as the MMU may be turned on in between, its other forms. */
export function aliases(debuggee: Debuggee, address: bigint, bare: boolean): readonly bigint[] {
  const link = debuggee.kernel.linkAddress(address, bare).address;
  return [...new Set([address, ...debuggee.kernel.runAddresses(link)])];
}
