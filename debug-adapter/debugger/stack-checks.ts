/**
 * What can be wrong with the stack that an exception or interrupt of the kernel finds: checked as it arrives, before the handler's first
 * instruction. Each check answers with a sentence, or `undefined` if it finds nothing.
 */
import type { HartState, WalkContext } from '../kernel/api';
import type { TargetHart, Trap } from '../target/target';
import { hex } from '../unwind/hex';
import { isMetadata, metadataSize, metadataType, readMetadataType, readRecord } from '../unwind/frame-record';
import type { Frame, WalkResult } from '../unwind/types';
import type { Debuggee } from './api';
import { hartState, memoryOf } from './harts';
import { formatLocation, locate } from './location';
import { walkBy, type WalkChoice } from './walks';

type StackCheck = (debuggee: Debuggee, hart: TargetHart, trap: Trap) => string | undefined;

const ra = 1;

/** A walk of the interrupted stack does not come to its end. */
export const cannotUnwind: StackCheck = (debuggee, hart, trap) => {
  const walk = interruptedWalk(debuggee, hart, trap, 'default');
  if (!walk || walk.end.kind === 'final') return undefined;
  return `The interrupted stack cannot be unwound to FINAL. ${walk.end.rule}: ${walk.end.reason}.`;
};

/** A walk of the interrupted stack comes to a metadata record whose type is none (R6). */
export const reservedType: StackCheck = (debuggee, hart, trap) => {
  if (!debuggee.kernel.hasMetadata) return undefined;
  const end = interruptedWalk(debuggee, hart, trap, 'metadata')?.end;
  if (end?.kind !== 'error' || end.rule !== 'R6') return undefined;
  return `A metadata record with a reserved type is on the stack. ${end.rule}: ${end.reason}.`;
};

/**
 * A return address or a metadata record of a function that is still active is not what was put there: what the machine has recorded
 * (`recordCalls`) tells what it should be, and call frame information where it is.
 */
export const overwrittenRecord: StackCheck = (debuggee, hart, trap) => {
  const walk = interruptedWalk(debuggee, hart, trap, 'true');
  // The first row is the handler, the second one what it has interrupted.
  const frames = walk?.frames ?? [];
  for (const [index, frame] of frames.entries()) {
    const caller = frames[index + 1];
    const found = caller && frame.isReturnAddress ? damage(debuggee, hart, frame, caller) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
};

/** `undefined` where there is nothing to walk: user mode, and before the kernel has tasks and records. */
function interruptedWalk(
  debuggee: Debuggee,
  hart: TargetHart,
  { epc, from }: Trap,
  choice: WalkChoice,
): WalkResult | undefined {
  if (from === 'user' || hart.bare) return undefined;
  const { kernel } = debuggee;
  const state: HartState = { ...hartState(hart), pc: choice === 'true' ? hart.pc : epc, privilege: from };
  const context = kernel.hartContext(state, memoryOf(hart));
  if (!context.task || !hasFirstRecord(debuggee, context, hart)) return undefined;
  return walkBy(choice, debuggee, context, hart);
}

/** In kernels with metadata the task's own FINAL record is the first that is written. */
function hasFirstRecord({ kernel }: Debuggee, { task }: WalkContext, hart: TargetHart): boolean {
  if (!kernel.hasMetadata) return true;
  const record = task?.finalRecord === undefined ? undefined : readRecord(memoryOf(hart), task.finalRecord);
  return record !== undefined && readMetadataType(memoryOf(hart), record) === metadataType.final;
}

/** What is wrong with the frame of a function that has called another one and will return to `caller`. */
function damage(debuggee: Debuggee, hart: TargetHart, frame: Frame, caller: Frame): string | undefined {
  if (caller.mark === 'P') return damagedMetadata(debuggee, hart, frame);
  const { kernel, program } = debuggee;
  const row = program.callFrames?.at(kernel.linkAddress(frame.pc - 1n, false).address);
  const rule = row?.rules.get(ra);
  if (rule?.kind !== 'offset') return undefined;
  const slot = BigInt.asUintN(64, frame.fp + rule.offset);
  const saved = word(hart, slot);
  if (saved === undefined || saved === caller.pc || kernel.isTrampoline(saved)) return undefined;
  const name = (pc: bigint) => formatLocation(locate(debuggee, pc, { bare: false, isReturnAddress: true }));
  return `The return address of ${name(frame.pc)} at ${hex(slot)} was overwritten: it was ${name(caller.pc)}, and is ${name(saved)}.`;
}

/** The record of an exception that is being handled: its pt_regs are at the sp of the entry code. */
function damagedMetadata({ kernel }: Debuggee, hart: TargetHart, entry: Frame): string | undefined {
  const { layout } = kernel;
  const sp = entry.registers.get(2);
  if (layout.stackframe === undefined || sp === undefined || !kernel.isExceptionCode(entry.pc))
    return undefined;
  const record = readRecord(memoryOf(hart), sp + BigInt(layout.stackframe));
  if (!record) return undefined;
  const type = readMetadataType(memoryOf(hart), record);
  if (isMetadata(record) && type === metadataType.ptRegs) return undefined;
  return `The metadata record at ${hex(record.address)} (${metadataSize} bytes) was overwritten: it is { ${hex(record.fp)}, ${hex(record.ra)}, type ${type} } and not { 0x0, 0x0, type 2 }.`;
}

function word(hart: TargetHart, address: bigint): bigint | undefined {
  const bytes = hart.readMemory(address, 8);
  return bytes.length === 8
    ? new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
    : undefined;
}
