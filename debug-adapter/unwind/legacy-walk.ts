/**
 * The walk of kernels without frame record metadata: exactly what `walk_stackframe()` of Linux 7.3 computes
 * (arch/riscv/kernel/stacktrace.c), its blind spots included. docs/unwinder-rules.md, "The walk of kernels without metadata",
 * has its special cases (a) to (e), which rows and ends cite.
 *
 * The kernel's function stops without a word; the end here says what it stopped at.
 */
import { failure } from './failure';
import { type FrameRecord, readRecord, recordAddress, recordSize } from './frame-record';
import { stackOfFrame } from './frame-stack';
import { hex } from './hex';
import { isFromUser, readPtRegs } from './pt-regs';
import { OnlyFp } from './registers';
import type { Frame, ReturnSearch, WalkEnd, WalkInput, WalkResult } from './types';
import { startFrame } from './walk-start';

/** THREAD_SIZE where the task's stack is not known. */
const defaultThreadSize = 16384n;
const wordSize = 8n;

/**
 * Walks until `walk_stackframe()` would. Never throws. It reads where the kernel would, which is between sp and the next multiple of
 * THREAD_SIZE: each step moves sp up in there, so that there are at most THREAD_SIZE / 16 of them, and it needs no stack bounds.
 */
export function walkLegacy(input: WalkInput): WalkResult {
  const walk = new LegacyWalk(input);
  const frames: Frame[] = [];
  let step: readonly Frame[] | WalkEnd = [startFrame(input)];
  while (!('kind' in step)) {
    frames.push(...step);
    step = walk.after(step.at(-1)!);
  }
  const verdict =
    'not reliable for livepatch (R20): nothing marks exception boundaries and the ends of stacks, and Linux claims nothing for this walk';
  return { kind: 'legacy', frames, end: step, reliable: false, verdict };
}

class LegacyWalk {
  readonly #input: WalkInput;
  readonly #threadSize: bigint;
  readonly #returns: ReturnSearch | undefined;
  #sp: bigint;
  /** Known before the last row has been looked at. */
  #end: WalkEnd | undefined;

  constructor(input: WalkInput) {
    const { start, stacks } = input;
    const task = stacks.find(({ kind }) => kind === 'task');
    this.#input = input;
    this.#returns = input.originalReturns?.();
    this.#threadSize = task ? task.high - task.low : defaultThreadSize;
    this.#sp = start.kind === 'user' ? 0n : start.sp;
  }

  /** The row or, at an exception, the two rows that come next. */
  after(frame: Frame): readonly Frame[] | WalkEnd {
    const { isKernelText, memory } = this.#input;
    if (this.#end) return this.#end;
    if (!isKernelText(frame.pc)) return this.#notText(frame);
    const invalid = this.#whyInvalid(frame.fp, this.#sp);
    if (invalid) return this.#atInvalid(invalid, frame.fp);
    const address = recordAddress(frame.fp);
    const record = readRecord(memory, address);
    if (!record) return failure('R3', address, `the frame record at ${hex(address)} cannot be read`);
    this.#sp = frame.fp;
    const onlyS0 = this.#afterLeaf(frame, record.ra);
    if (onlyS0) return [onlyS0];
    const slot = address + wordSize;
    const original = this.#returns?.replaced(record.ra, { slot, fp: undefined });
    const pc = original?.kind === 'found' ? original.pc : record.ra;
    const caller: Frame = {
      pc,
      mark: original?.kind === 'found' ? original.mark : 'C',
      isReturnAddress: true,
      stack: stackOfFrame(this.#input.stacks, record) ?? stackOfFrame(this.#input.stacks, frame),
      origin: { kind: 'record', ...record },
      fp: record.fp,
      registers: new OnlyFp(record.fp),
      rule: original?.kind === 'found' ? 'legacy (c)' : 'legacy',
      reason: `pc and s0 from the frame record at ${hex(address)}${this.#tracerNote(original, record, slot)}`,
    };
    if (!isKernelText(pc)) return this.#notText(caller);
    if (this.#input.isExceptionCode?.(pc) === true) return this.#overException(caller);
    return [caller];
  }

  /** (c) What is to be said of a return address that a tracer has replaced; the kernel goes on with one that it does not find. */
  #tracerNote(original: ReturnType<ReturnSearch['replaced']>, { fp, ra }: FrameRecord, slot: bigint): string {
    if (!original) return '';
    if (original.kind === 'found') return `; ${original.reason}`;
    const byFp = this.#input.originalReturns?.().replaced(ra, { slot, fp });
    const missed = byFp?.kind === 'found' ? `, and does not see that ${byFp.reason}` : '';
    return `; walk_stackframe() looks for the address ${hex(slot)} of the saved ra only${missed}`;
  }

  /**
   * (a) The first function has saved s0 only, where others save ra: what is there can be a frame pointer, and the caller is in ra.
   * The kernel asks it of every frame whose pc is the first one's.
   */
  #afterLeaf(frame: Frame, saved: bigint): Frame | undefined {
    const { start, stacks } = this.#input;
    if (start.kind !== 'registers' || frame.pc !== start.pc || this.#whyInvalid(saved, frame.fp))
      return undefined;
    const ra = start.registers?.get(1);
    if (ra === undefined) return undefined;
    return {
      pc: ra,
      mark: 'L',
      isReturnAddress: true,
      stack: stackOfFrame(stacks, { fp: saved }),
      origin: { kind: 'register', name: 'ra' },
      fp: saved,
      registers: new OnlyFp(saved),
      rule: 'legacy (a)',
      reason: `pc from ra, s0 from ${hex(frame.fp - wordSize)}, where others save ra: a leaf that saved only s0`,
    };
  }

  /** (b) The caller is the assembly that takes an exception: pt_regs lie where its callee's frame ends. */
  #overException(entry: Frame): readonly Frame[] | WalkEnd {
    const { layout, memory, stacks } = this.#input;
    const address = this.#sp;
    const regs = readPtRegs(memory, address, layout);
    if (!regs) return failure('legacy (b)', address, `the pt_regs at ${hex(address)} cannot be read`);
    const { epc: pc, cause, badaddr, status, x } = regs;
    if (!this.#input.isKernelText(pc)) return this.#beyondException(entry, address, pc, isFromUser(regs));
    const fp = x.get(8)!;
    const interrupted: Frame = {
      pc,
      mark: 'P',
      isReturnAddress: false,
      stack: stackOfFrame(stacks, { sp: x.get(2), fp }),
      origin: { kind: 'pt_regs', address, cause, badaddr, status },
      fp,
      registers: x,
      rule: 'legacy (b)',
      reason: `pc and s0 from pt_regs at ${hex(address)}, the sp of the exception entry code`,
    };
    return [entry, interrupted];
  }

  /** The kernel's function stops at a pc that is no kernel text, having reported the entry code. */
  #beyondException(entry: Frame, address: bigint, pc: bigint, fromUser: boolean): readonly Frame[] {
    this.#end = fromUser
      ? { kind: 'final', rule: 'legacy (b)', reason: 'entered from user mode', address, ptRegs: address }
      : failure('R18', pc, `pc ${hex(pc)} from pt_regs at ${hex(address)} is not in kernel text`);
    return [entry];
  }

  /** What `fp_is_valid()` finds wrong with s0: it must be above the frame at hand and below the next multiple of THREAD_SIZE. */
  #whyInvalid(fp: bigint, sp: bigint): WalkEnd | undefined {
    const low = BigInt.asUintN(64, sp + BigInt(recordSize));
    const high = BigInt.asUintN(64, (sp + this.#threadSize - 1n) & -this.#threadSize);
    if ((fp & 7n) !== 0n) return failure('R2', fp, `s0 ${hex(fp)} is not a multiple of 8`);
    if (fp >= low && fp <= high) return undefined;
    return failure('R3', fp, `s0 ${hex(fp)} is not between ${hex(low)} and ${hex(high)}`);
  }

  /** The end where s0 is not valid: the start of the task, another stack, or indeed an error. */
  #atInvalid(invalid: WalkEnd, fp: bigint): WalkEnd {
    const { stacks, ptRegs } = this.#input;
    const address = this.#sp;
    if (address === ptRegs) {
      const reason = 'the start of the task: its s0 is no frame pointer';
      return { kind: 'final', rule: 'legacy (e)', reason, address, ptRegs };
    }
    const holding = (at: bigint) => stacks.find(({ low, high }) => at > low && at <= high);
    const [from, to] = [holding(address), holding(fp)];
    if (!from || !to || from === to) return invalid;
    const reason = `s0 ${hex(fp)} is in the ${to.name}, and this walk cannot leave the ${from.name}: what was interrupted is not shown`;
    return failure('legacy (d)', fp, reason);
  }

  #notText({ pc, origin }: Frame): WalkEnd {
    if (this.#input.start.kind === 'user')
      return failure('R18', pc, `user code at ${hex(pc)}: user frames are not walked`);
    const where = origin.kind === 'record' ? ` in the frame record at ${hex(origin.address)}` : '';
    return failure('R18', pc, `pc ${hex(pc)}${where} is not in kernel text`);
  }
}
