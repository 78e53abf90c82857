/**
 * The places where a walk that follows frame records must differ from what happened. Each is told by what is known of a row's pc, and
 * never by what a walk made of it. docs/unwinder-rules.md, "Where a walk by frame pointers is wrong".
 */
import type { Debuggee } from './api';
import type { WalkContext } from '../kernel/api';
import { noRecordYet } from '../kernel/start-doubt';
import type { CallFrameRow } from '../symbols/api';
import type { TargetHart } from '../target/target';
import { recordSize } from '../unwind/frame-record';
import type { Frame } from '../unwind/types';
import { FunctionCode } from './function-code';

export type Window =
  /** No code of the kernel: the caller is in ra, if it was a call that led there (R11). */
  | 'outside text'
  /** No record has been written on this stack: head.S, and C code before the MMU is on. */
  | 'before the first record'
  /** An exception has been taken, and its record is not written yet, or never is (kernels without metadata). */
  | 'entry window'
  /** The registers of what was interrupted are being restored, s0 among them. */
  | 'exit window'
  /** Nothing branches between here and where s0 becomes the function's own. */
  | 'prologue'
  /** Nothing branches between where s0 was the function's own and here. */
  | 'epilogue'
  /** Other code of a function that has a frame record only in parts. */
  | 'shrink-wrapped'
  /** The function saves s0 where others save ra, which stays in its register. */
  | 'compact leaf'
  /** The function never touches s0. */
  | 'frameless'
  /** What s0, sp and ra hold there only its author knows. */
  | 'assembly without CFI';

/** In these ra is the caller, and s0 that of the caller: call frame information covers them (R11). */
const byCallFrame: ReadonlySet<Window> = new Set([
  'prologue',
  'epilogue',
  'shrink-wrapped',
  'compact leaf',
  'frameless',
]);

export function isCoveredByCfi(window: string): boolean {
  return (byCallFrame as ReadonlySet<string>).has(window);
}

const [ra, s0] = [1, 8];

/** Where a walk is looked at. */
export interface Place {
  readonly debuggee: Debuggee;
  readonly hart: TargetHart;
  readonly context: WalkContext;
}

/** The window that a row's pc is in; `undefined` if its frame record must lead to its caller. */
export function windowOf({ debuggee, hart, context }: Place, frame: Frame): Window | undefined {
  const { kernel, program } = debuggee;
  const { pc, isReturnAddress } = frame;
  const withoutRecords = context.note?.startsWith(noRecordYet) === true;
  if (isReturnAddress) return withoutRecords ? 'before the first record' : undefined;
  if (kernel.isExceptionEntry(pc)) return hasOwnRecord(context, frame) ? undefined : 'entry window';
  if (kernel.isExceptionCode(pc)) return hasOwnRecord(context, frame) ? undefined : 'exit window';
  const isText = kernel.runsKernelText(pc, hart.bare) || context.isModuleText(pc);
  // A hart that has just turned its MMU on has a physical pc for one instruction.
  if (!isText && !withoutRecords) return 'outside text';
  const { address } = kernel.linkAddress(pc, hart.bare);
  const row = program.callFrames?.at(address);
  const code = FunctionCode.of(debuggee, hart, frame);
  const own = row && code ? windowInFunction(code, address, row) : 'assembly without CFI';
  return withoutRecords && (own === undefined || !isCoveredByCfi(own)) ? 'before the first record' : own;
}

function windowInFunction(code: FunctionCode, address: bigint, row: CallFrameRow): Window | undefined {
  if (hasFrame(row)) return row.rules.get(ra)?.kind === 'offset' ? undefined : 'compact leaf';
  const framed = code.rows().filter(hasFrame);
  if (framed.length === 0) return 'frameless';
  if (framed.some(({ start }) => start > address && code.isStraight(address, start))) return 'prologue';
  if (framed.some(({ end }) => end <= address && code.isStraight(end, address))) return 'epilogue';
  return 'shrink-wrapped';
}

/** s0 is the function's own: the canonical frame address is found by it. */
export function hasFrame({ cfa }: CallFrameRow): boolean {
  return cfa.kind === 'register' && cfa.register === s0;
}

/** s0 leads to the record of the pt_regs at sp. */
function hasOwnRecord({ layout, start }: WalkContext, { fp, origin }: Frame): boolean {
  const { stackframe } = layout;
  if (stackframe === undefined || origin.kind !== 'live' || start.kind !== 'registers') return false;
  return fp === start.sp + BigInt(stackframe + recordSize);
}
