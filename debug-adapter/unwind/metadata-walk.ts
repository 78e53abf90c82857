/**
 * The walk of a kernel that writes frame record metadata: R1 to R8, R12 and R14 to R20 of docs/unwinder-rules.md.
 * It follows the RISC-V "reliable stack unwinding for livepatch" series, which follows Linux's
 * arch/arm64/kernel/stacktrace.c.
 */
import { AccessibleStacks } from './accessible-stacks';
import { failure } from './failure';
import {
  type FrameRecord,
  isMetadata,
  metadataSize,
  metadataType,
  readMetadataType,
  readRecord,
  recordAddress,
  recordSize,
} from './frame-record';
import { stackOfFrame } from './frame-stack';
import { hex } from './hex';
import { readPtRegs, sizeOnStack } from './pt-regs';
import { OnlyFp } from './registers';
import { describeTaskEnd } from './task-end';
import type {
  CfiCaller,
  CfiRefusal,
  Frame,
  FrameOrigin,
  OriginalReturn,
  LostReturn,
  ReturnSearch,
  StepByCfi,
  WalkEnd,
  WalkInput,
  WalkResult,
} from './types';
import { judge } from './verdict';
import { certainRegisters, startFrame } from './walk-start';
import { callerOfWild } from './wild-call';

const wordSize = 8n;
const returnAddress = 1;

/**
 * Walks until FINAL or the first broken rule (R12, R19). Never throws, reads nothing outside `input.stacks`, and returns at
 * most one frame more than 16-byte objects fit into them (R4), and one for each row that R11 or R16 adds.
 *
 * With `input.stepByCfi` the step out of a row whose registers are all known is made by call frame information where that knows
 * better, and by the call before ra where pc is no kernel text (R11). The verdict is that of the kernel's own rules all the same, but
 * for a live pc, from which no kernel begins a reliable walk: whether they miss its caller only call frame information can tell.
 */
export function walkMetadata(input: WalkInput): WalkResult {
  const walk = new MetadataWalk(input, input.stepByCfi);
  const shown = walkWith(walk, input);
  if (!input.stepByCfi) return shown;
  // A row that was only put in between changes neither where the walk goes nor the verdict.
  const strict = walk.leftRecords ? walkWith(new MetadataWalk(input, undefined), input) : shown;
  const doubt = doubtOfVerdict(input, input.stepByCfi, strict, shown);
  return doubt === undefined
    ? { ...shown, reliable: strict.reliable, verdict: strict.verdict }
    : { ...shown, reliable: false, verdict: `not reliable for livepatch (R20): ${doubt}` };
}

/** What the kernel's own verdict does not know of the walk that is shown. */
function doubtOfVerdict(
  input: WalkInput,
  stepByCfi: StepByCfi,
  strict: WalkResult,
  shown: WalkResult,
): string | undefined {
  if (strict.end.kind === 'error' && shown.end.kind === 'final')
    return `by frame pointers alone the walk ends at ${strict.end.rule}: ${strict.end.reason}`;
  if (!strict.reliable) return undefined;
  if (shown.end.kind === 'error')
    return `with call frame information the walk ends at ${shown.end.rule}, not at FINAL`;
  return doubtOfLiveRow(input, stepByCfi, shown);
}

/**
 * Is it certain that s0 leads to the caller of a live pc? Assembly has no call frame information. For the code that takes
 * exceptions `input.note` tells; and a task that begins has come to its first instruction by ra, where it has no caller.
 */
function doubtOfLiveRow(
  { start, isExceptionCode }: WalkInput,
  stepByCfi: StepByCfi,
  { frames }: WalkResult,
): string | undefined {
  if (start.kind !== 'registers' || !start.registers) return undefined;
  if (frames[1]?.rule === 'R11') return 'by frame pointers alone the caller of the live pc is missing (R11)';
  const isTaskStart = frames.length === 1 && start.registers.get(returnAddress) === start.pc;
  if (isTaskStart || isExceptionCode?.(start.pc) === true) return undefined;
  const step = stepByCfi(start.pc, false, start.registers);
  return step.kind === 'caller' ? undefined : `whether ra is live is not known (R11): ${step.reason}`;
}

function walkWith(walk: MetadataWalk, input: WalkInput): WalkResult {
  const frames: Frame[] = [];
  let step: Frame | WalkEnd = walk.first();
  while ('mark' in step) {
    frames.push(step);
    step = walk.after(step);
  }
  const end = withNote(step, input.note);
  return { kind: 'metadata', frames, end, ...judge(frames, end, input.note) };
}

function withNote(end: WalkEnd, note: string | undefined): WalkEnd {
  return end.kind === 'error' && note !== undefined ? { ...end, reason: `${end.reason} (${note})` } : end;
}

/** One walk: its input and what it may still read. */
class MetadataWalk {
  readonly #input: WalkInput;
  readonly #stepByCfi: StepByCfi | undefined;
  readonly #stacks: AccessibleStacks;
  /** True once R11 has gone on from another s0 than the kernel's rules would, or where they end, or has ended the walk. */
  leftRecords = false;
  readonly #returns: ReturnSearch | undefined;
  /** Known before the start has been looked at. */
  #end: WalkEnd | undefined;

  constructor(input: WalkInput, stepByCfi: StepByCfi | undefined) {
    this.#input = input;
    this.#stepByCfi = stepByCfi;
    this.#stacks = new AccessibleStacks(input.stacks);
    this.#returns = input.originalReturns?.();
  }

  /** The start is a row in any case (R16). */
  first(): Frame {
    const start = startFrame(this.#input);
    const original = this.#original(start);
    if ('mark' in original) return original;
    this.#end = original;
    return start;
  }

  /** The caller of a frame, or the end of the walk. */
  after(frame: Frame): Frame | WalkEnd {
    if (this.#end) return this.#end;
    const caller = this.#behindTrampoline(frame) ?? this.#callerOf(frame);
    return 'mark' in caller ? this.#original(caller) : caller;
  }

  /** R14, R15 for a return address: the row is where the call will really return. */
  #original(frame: Frame): Frame | WalkEnd {
    if (!frame.isReturnAddress) return frame;
    const found = this.#inText(
      this.#returns?.replaced(frame.pc, { slot: slotOf(frame.origin), fp: frame.fp }),
      frame,
    );
    if (found?.kind !== 'found') return found ?? frame;
    const { pc, mark, rule, reason } = found;
    return { ...frame, pc, mark, rule, reason: `${reason}; ${frame.reason}` };
  }

  /** R16 for a trampoline that runs, and so is a row itself: the one behind it is where it goes on. */
  #behindTrampoline(frame: Frame): Frame | WalkEnd | undefined {
    if (frame.mark === 'F' || frame.mark === 'K') return undefined;
    const { stack } = frame;
    const found = this.#inText(this.#returns?.behind(frame.pc, frame.fp), frame);
    if (found?.kind !== 'found') return found;
    const { pc, fp = frame.fp, address, mark, rule, reason } = found;
    const origin = { kind: 'slot', address } as const;
    return {
      pc,
      mark,
      isReturnAddress: true,
      stack,
      origin,
      fp,
      registers: new OnlyFp(fp),
      rule,
      reason,
    };
  }

  #inText(
    found: OriginalReturn | LostReturn | undefined,
    { pc }: Frame,
  ): OriginalReturn | WalkEnd | undefined {
    if (found?.kind === 'lost') return failure(found.rule, pc, found.reason);
    if (!found || this.#input.isKernelText(found.pc)) return found;
    return failure('R18', found.pc, `${found.reason}, but ${hex(found.pc)} is not in kernel text`);
  }

  #callerOf(frame: Frame): Frame | WalkEnd {
    // What was read from a record has been looked at before it became a row.
    if (frame.origin.kind !== 'record' && !this.#input.isKernelText(frame.pc)) return this.#notText(frame);
    if (this.#isUnmarkedBoundary(frame)) return unmarkedBoundary(frame);
    const step = this.#callFrameOf(frame);
    if (step?.kind === 'caller') {
      const caller = this.#byCallFrame(frame, step);
      if (caller) return caller;
    }
    return this.#byRecord(frame, step);
  }

  /** R11: what call frame information says of a row whose registers are all known. */
  #callFrameOf(frame: Frame): CfiCaller | CfiRefusal | undefined {
    const registers = certainRegisters(frame, this.#input);
    return registers && this.#stepByCfi?.(frame.pc, false, registers);
  }

  /** R11 where the frame's own record does not hold the caller; `undefined` where it does. */
  #byCallFrame(frame: Frame, step: CfiCaller): Frame | WalkEnd | undefined {
    const { pc, pcAt, registers } = step;
    if (pcAt === recordAddress(frame.fp) + wordSize) return undefined;
    const where = pcAt === undefined ? 'ra is live' : `ra was saved at ${hex(pcAt)} and s0 is not moved yet`;
    const why = `by call frame information ${where} at ${hex(frame.pc)}`;
    const fp = registers.get(8) ?? frame.fp;
    const refusal = this.#refuse(step, why);
    this.leftRecords ||= refusal !== undefined || fp !== frame.fp;
    if (refusal) return refusal;
    return {
      pc,
      mark: pcAt === undefined ? 'L' : 'C',
      isReturnAddress: true,
      stack: stackOfFrame(this.#input.stacks, { sp: step.cfa, fp: frame.fp }),
      origin: pcAt === undefined ? { kind: 'register', name: 'ra' } : { kind: 'slot', address: pcAt },
      fp,
      registers,
      rule: 'R11',
      reason: why,
    };
  }

  /** R3, R4, R18 for a caller that no record has. */
  #refuse({ pc, pcAt }: CfiCaller, why: string): WalkEnd | undefined {
    if (!this.#input.isKernelText(pc))
      return failure('R18', pc, `${why}, but ${hex(pc)} is not in kernel text`);
    if (pcAt === undefined) return undefined;
    const place = this.#stacks.locate(pcAt, Number(wordSize));
    if ('rule' in place) return failure(place.rule, pcAt, `${why}: ${place.reason}`);
    place.consume();
    return undefined;
  }

  #byRecord(frame: Frame, step: CfiCaller | CfiRefusal | undefined): Frame | WalkEnd {
    const { fp } = frame;
    if ((fp & 7n) !== 0n) return failure('R2', fp, `s0 ${hex(fp)} is not a multiple of 8`);
    if (fp === 0n) return failure('R3', fp, 's0 is 0 and leads to no frame record');
    const address = recordAddress(fp);
    const place = this.#stacks.locate(address, recordSize);
    if ('rule' in place)
      return failure(place.rule, address, `s0 ${hex(fp)} leads to no frame record: ${place.reason}`);
    const record = readRecord(this.#input.memory, address);
    if (!record) return unreadable('frame record', address);
    if (isMetadata(record)) return this.#afterMetadata(record);
    if (!this.#input.isKernelText(record.ra)) return this.#badReturnAddress(frame, record);
    place.consume();
    return {
      pc: record.ra,
      mark: 'C',
      isReturnAddress: true,
      stack: stackOfFrame(this.#input.stacks, record) ?? place.stack,
      origin: { kind: 'record', ...record },
      fp: record.fp,
      registers: new OnlyFp(record.fp),
      rule: 'R6',
      reason: `pc and s0 from the frame record at ${hex(address)}${frame.mark === 'P' ? cfiNote(step) : ''}`,
    };
  }

  #afterMetadata(record: FrameRecord): Frame | WalkEnd {
    const { address } = record;
    const { layout, memory } = this.#input;
    if (layout.stackframe === undefined) {
      const reason = `two zero words at ${hex(address)}, but this kernel writes no metadata records: its struct pt_regs has no member stackframe`;
      return failure('R6', address, reason);
    }
    const place = this.#stacks.locate(address, metadataSize);
    if ('rule' in place)
      return failure(
        place.rule,
        address,
        `the metadata record at ${hex(address)} has no type: ${place.reason}`,
      );
    const type = readMetadataType(memory, record);
    if (type === undefined) return unreadable('metadata record', address);
    const ptRegs = address - BigInt(layout.stackframe);
    if (type === metadataType.final) return this.#atFinal(address, ptRegs);
    if (type === metadataType.ptRegs) return this.#afterPtRegs(address, ptRegs);
    const reason = `the metadata record at ${hex(address)} has type ${type}; only 1 (FINAL) and 2 (PT_REGS) are defined`;
    return failure('R6', address, reason);
  }

  /** R7. */
  #atFinal(record: bigint, ptRegs: bigint): WalkEnd {
    const { finalRecord } = this.#input;
    if (finalRecord === undefined)
      return failure(
        'R7',
        record,
        `FINAL record at ${hex(record)}, but it is not known whose task it belongs to`,
      );
    if (record !== finalRecord) {
      const reason = `FINAL record at ${hex(record)}, but this task's own is at ${hex(finalRecord)}`;
      return failure('R7', record, reason);
    }
    return { kind: 'final', rule: 'R7', reason: this.#finalMeaning(ptRegs), address: record, ptRegs };
  }

  /** What lies beyond the FINAL record, from the pt_regs around it. */
  #finalMeaning(address: bigint): string {
    const { layout, memory } = this.#input;
    const readable = !('rule' in this.#stacks.locate(address, layout.size));
    const regs = readable ? readPtRegs(memory, address, layout) : undefined;
    return describeTaskEnd(regs);
  }

  /** R8. */
  #afterPtRegs(record: bigint, address: bigint): Frame | WalkEnd {
    const { layout, memory } = this.#input;
    const place = this.#stacks.locate(address, layout.size);
    if ('rule' in place) {
      const reason = `the PT_REGS record at ${hex(record)} has no whole pt_regs around it: ${place.reason}`;
      return failure(place.rule, address, reason);
    }
    const regs = readPtRegs(memory, address, layout);
    if (!regs) return unreadable('pt_regs', address);
    place.consume();
    const { epc: pc, cause, badaddr, status, x } = regs;
    const fp = x.get(8)!;
    return {
      pc,
      mark: 'P',
      isReturnAddress: false,
      stack: stackOfFrame(this.#input.stacks, { sp: x.get(2), fp }) ?? place.stack,
      origin: {
        kind: 'pt_regs',
        address,
        metadata: { address: record, type: metadataType.ptRegs },
        cause,
        badaddr,
        status,
      },
      fp,
      registers: x,
      rule: 'R8',
      reason: `pc and s0 from pt_regs at ${hex(address)}`,
    };
  }

  /**
   * Without metadata s0 is not handle_exception's own: at first it is that of the interrupted code, and when handle_exception
   * calls C code it is that code's sp, at which pt_regs ends (Linux 7.3 entry.S).
   */
  #isUnmarkedBoundary({ pc, fp, isReturnAddress }: Frame): boolean {
    const { layout, start, isExceptionEntry } = this.#input;
    if (layout.stackframe !== undefined || !isExceptionEntry?.(pc)) return false;
    return isReturnAddress || (start.kind === 'registers' && fp === start.sp + sizeOnStack(layout));
  }

  /** R18 for a row that is certain, whatever its pc is: the start, or where hardware took an exception. R11 may know its caller. */
  #notText(frame: Frame): Frame | WalkEnd {
    if (this.#input.start.kind === 'user')
      return failure('R18', frame.pc, `user code at ${hex(frame.pc)}: user frames are not walked`);
    if (!this.#stepByCfi) return failure('R18', frame.pc, `pc ${hex(frame.pc)} is not in kernel text`);
    const caller = callerOfWild(frame, this.#input);
    this.leftRecords ||= 'mark' in caller;
    return caller;
  }

  /** R18 for a return address: what is no text is no row. */
  #badReturnAddress(callee: Frame, { address, ra }: FrameRecord): WalkEnd {
    const slot = `return address ${hex(ra)} in the frame record at ${hex(address)}`;
    const isStackAddress = this.#input.stacks.some(({ low, high }) => ra >= low && ra <= high);
    if (!isStackAddress) return failure('R18', ra, `${slot} is not in kernel text`);
    // Only a function that has called nothing can have kept ra in its register.
    const cause =
      callee.origin.kind === 'record'
        ? ''
        : ': probably a compact leaf frame, a function that saved only s0 and has its caller in ra';
    return failure('R18', ra, `${slot} is a stack address${cause}`);
  }
}

/** Where a frame's return address is on a stack. */
function slotOf(origin: FrameOrigin): bigint | undefined {
  if (origin.kind === 'record') return origin.address + wordSize;
  return origin.kind === 'slot' ? origin.address : undefined;
}

/** What R11 has to say of a step out of a `(P)` row that it has not changed. */
function cfiNote(step: CfiCaller | CfiRefusal | undefined): string {
  if (!step) return '';
  return step.kind === 'caller'
    ? '; call frame information agrees (R11)'
    : `; whether ra was live is not known (R11): ${step.reason}`;
}

function unmarkedBoundary({ pc }: Frame): WalkEnd {
  const reason = `${hex(pc)} is where an exception enters the kernel, and no PT_REGS record leads from there to the interrupted code`;
  return failure('R8', pc, reason);
}

function unreadable(what: string, address: bigint): WalkEnd {
  return failure('R3', address, `the ${what} at ${hex(address)} cannot be read`);
}
