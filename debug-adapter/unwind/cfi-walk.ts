/**
 * The walk by call frame information, a witness that shares no method with the walks that follow frame records: what the compiler
 * says of each pc finds the caller, from all registers that are known. It crosses exceptions by the pt_regs that lie at sp
 * in the assembly that takes them, in kernels with and without metadata records (Linux 7.3 arch/riscv/kernel/entry.S). It sees
 * what frame pointers cannot: a caller that is in ra still, before a prologue has saved it and after an epilogue has given
 * it back.
 */
import { AccessibleStacks } from './accessible-stacks';
import { failure } from './failure';
import { readRecord, recordAddress, recordSize } from './frame-record';
import { stackOfFrame } from './frame-stack';
import { hex } from './hex';
import { isFromUser, readPtRegs, sizeOnStack, type PtRegs } from './pt-regs';
import { describeTaskEnd } from './task-end';
import type {
  CfiCaller,
  Frame,
  KnownRegisters,
  StackBounds,
  WalkEnd,
  WalkInput,
  WalkResult,
  WalkStart,
} from './types';
import { judgeWitness } from './verdict';
import { startFrame } from './walk-start';
import { callerOfWild } from './wild-call';

const x = { sp: 2, gp: 3, tp: 4, s0: 8, s1: 9, s2: 18, s3: 19, s4: 20 } as const;
const wordSize = 8n;

/**
 * Walks until the task's own pt_regs, or the first step that fails (R12, R19). Never throws. Each row but the first and those
 * behind an exception takes the stack between its sp and its CFA (R3, R4): that is why the walk ends. `input.stepByCfi` reads
 * memory by itself, and should keep to `input.stacks`.
 */
export function walkCfi(input: WalkInput): WalkResult {
  const walk = new CfiWalk(input);
  const frames: Frame[] = [];
  let step: Frame | WalkEnd = startFrame(input);
  while ('mark' in step) {
    frames.push(step);
    step = walk.after(step);
  }
  return { kind: 'cfi', frames, end: step, ...judgeWitness(frames, step) };
}

/** One walk: its input and what it may still use. */
class CfiWalk {
  readonly #input: WalkInput;
  readonly #stacks: AccessibleStacks;

  constructor(input: WalkInput) {
    this.#input = input;
    this.#stacks = new AccessibleStacks(input.stacks);
  }

  /** The caller of a frame, or the end of the walk. */
  after(frame: Frame): Frame | WalkEnd {
    const { start, isKernelText, stepByCfi, ptRegs } = this.#input;
    const { pc } = frame;
    if (start.kind === 'user')
      return failure('R18', pc, `user code at ${hex(pc)}: user frames are not walked`);
    if (!isKernelText(pc)) return callerOfWild(frame, this.#input);
    const registers = frame.origin.kind === 'live' ? registersOf(start) : frame.registers;
    const sp = registers.get(x.sp);
    if (sp === undefined) return failure('R11', pc, `sp is not known at ${hex(pc)}`);
    if (this.#isExceptionFrame(pc, frame.isReturnAddress)) return this.#overException(frame, registers, sp);
    if (!stepByCfi) return failure('R11', pc, 'the program has no call frame information');
    const step = stepByCfi(pc, frame.isReturnAddress, registers);
    switch (step.kind) {
      case 'caller':
        return this.#byCallFrame(frame, sp, step);
      case 'outermost':
        return { kind: 'final', rule: 'R11', reason: step.reason, address: pc };
      case 'failed':
        return failure('R11', pc, step.reason);
      case 'uncovered':
        if (sp === ptRegs) return this.#atTaskEnd(ptRegs);
        return this.#fromEmptyStack(frame, registers, sp) ?? failure('R11', pc, step.reason);
    }
  }

  #byCallFrame(frame: Frame, sp: bigint, step: CfiCaller): Frame | WalkEnd {
    const { cfa, pc, pcAt, registers } = step;
    const where = pcAt === undefined ? 'ra is live' : `ra saved at ${hex(pcAt)}`;
    const reason = `CFA ${hex(cfa)}, ${where}`;
    const refusal = this.#consumeFrame(frame, sp, step);
    if (refusal) return refusal;
    const overflowed = this.#overflowEntry(step);
    if (overflowed) return this.#interruptedBy(cfa, `where the ${overflowed.name} begins`);
    if (!this.#input.isKernelText(pc))
      return failure('R18', pc, `return address ${hex(pc)} (${reason}) is not in kernel text`);
    const fp = registers.get(x.s0) ?? 0n;
    return {
      pc,
      mark: pcAt === undefined ? 'L' : 'C',
      isReturnAddress: step.isInterrupted !== true,
      stack: stackOfFrame(this.#input.stacks, { sp: registers.get(x.sp), fp }) ?? frame.stack,
      origin: pcAt === undefined ? { kind: 'register', name: 'ra' } : { kind: 'slot', address: pcAt },
      fp,
      registers,
      rule: 'R11',
      reason,
    };
  }

  /**
   * R2 to R4: `[sp, CFA)` is a frame, and what has been read of it lies in a stack. In the function that has overflowed its stack sp
   * does not.
   */
  #consumeFrame({ isReturnAddress }: Frame, sp: bigint, { cfa, pcAt }: CfiCaller): WalkEnd | undefined {
    const isLeaf = pcAt === undefined && !isReturnAddress;
    if ((cfa & 7n) !== 0n) return failure('R2', cfa, `the CFA ${hex(cfa)} is not a multiple of 8`);
    if (isLeaf ? cfa < sp : cfa <= sp) {
      const reason = `the CFA ${hex(cfa)} is not above sp ${hex(sp)}: the frame would take no stack`;
      return failure('R4', cfa, reason);
    }
    if (isLeaf) return undefined;
    if (pcAt !== undefined && (pcAt < sp || pcAt + wordSize > cfa)) {
      const reason = `ra saved at ${hex(pcAt)}, outside its frame from ${hex(sp)} to ${hex(cfa)}`;
      return failure('R3', pcAt, reason);
    }
    const from = pcAt ?? sp;
    const place = this.#stacks.locate(from, Number(cfa - from));
    if ('rule' in place)
      return failure(place.rule, from, `the frame from ${hex(sp)} to the CFA ${hex(cfa)}: ${place.reason}`);
    place.consume();
    return undefined;
  }

  /** The way out of an exception has pt_regs at its sp, too, but only while it calls somebody. */
  #isExceptionFrame(pc: bigint, isReturnAddress: boolean): boolean {
    const { isExceptionEntry, isExceptionCode } = this.#input;
    // A call that never returns is the last instruction of handle_kernel_stack_overflow (R17).
    const call = isReturnAddress ? pc - 1n : pc;
    return isExceptionEntry?.(call) === true || (isReturnAddress && isExceptionCode?.(call) === true);
  }

  /**
   * A frame of the assembly that takes an exception. When it calls C code its sp is pt_regs. At a live pc pt_regs may not be
   * written yet: it is once s1 to s4 hold what has been stored there (Linux 7.3 entry.S keeps status, epc, tval and cause in them).
   */
  #overException(frame: Frame, registers: KnownRegisters, sp: bigint): Frame | WalkEnd {
    const { pc, isReturnAddress } = frame;
    const regs = this.#ptRegsAt(sp);
    if (!isReturnAddress && ('rule' in regs || !isWritten(regs, registers))) {
      const reason = `${hex(pc)} is where an exception enters the kernel, and its pt_regs are not written yet, or not any more`;
      return failure('R8', pc, reason);
    }
    if ('rule' in regs) return regs;
    if (!isFromUser(regs)) return this.#interruptedBy(sp, 'the sp of the exception entry code');
    return this.#atTaskEnd(sp);
  }

  /** R8: the row that an exception has interrupted, with all of its registers. */
  #interruptedBy(address: bigint, what: string): Frame | WalkEnd {
    const regs = this.#ptRegsAt(address);
    if ('rule' in regs) return regs;
    const place = this.#stacks.locate(address, this.#input.layout.size);
    if ('rule' in place) return failure(place.rule, address, place.reason);
    place.consume();
    const { epc: pc, cause, badaddr, status, x: registers } = regs;
    const fp = registers.get(x.s0)!;
    return {
      pc,
      mark: 'P',
      isReturnAddress: false,
      stack: stackOfFrame(this.#input.stacks, { sp: registers.get(x.sp), fp }),
      origin: { kind: 'pt_regs', address, cause, badaddr, status },
      fp,
      registers,
      rule: 'R8',
      reason: `all registers from pt_regs at ${hex(address)}, ${what}`,
    };
  }

  #ptRegsAt(address: bigint): PtRegs | WalkEnd {
    const { memory, layout } = this.#input;
    const place = this.#stacks.locate(address, layout.size);
    if ('rule' in place) return failure(place.rule, address, `no whole pt_regs at sp: ${place.reason}`);
    const regs = readPtRegs(memory, address, layout);
    return regs ?? failure('R3', address, `the pt_regs at ${hex(address)} cannot be read`);
  }

  /** R7. */
  #atTaskEnd(address: bigint): WalkEnd {
    const { ptRegs } = this.#input;
    const regs = this.#ptRegsAt(address);
    if ('rule' in regs) return regs;
    if (ptRegs === undefined)
      return failure(
        'R7',
        address,
        `pt_regs at ${hex(address)}, but it is not known whose task they belong to`,
      );
    if (address !== ptRegs) {
      const reason = `pt_regs from user mode at ${hex(address)}, but this task's own are at ${hex(ptRegs)}`;
      return failure('R7', address, reason);
    }
    return { kind: 'final', rule: 'R7', reason: describeTaskEnd(regs), address, ptRegs };
  }

  /**
   * The stack that holds nothing but pt_regs above the CFA of a function that nothing has called: `handle_kernel_stack_overflow` saves
   * them on the overflow stack and goes on to C code by a jump, with ra as the interrupted code had it (Linux 7.3 entry.S).
   */
  #overflowEntry({ cfa, pc }: CfiCaller): StackBounds | undefined {
    const { stacks, layout } = this.#input;
    if (this.#isExceptionFrame(pc, true)) return undefined;
    return stacks.find(({ kind, high }) => kind === 'overflow' && cfa === high - sizeOnStack(layout));
  }

  /**
   * Assembly that has called from the very top of a stack has switched to it, and finds back by s0, below which it left a
   * record on the stack that it came from: `call_on_irq_stack` (Linux 7.3 entry.S), which has no call frame information.
   */
  #fromEmptyStack(
    { pc, isReturnAddress }: Frame,
    registers: KnownRegisters,
    sp: bigint,
  ): Frame | WalkEnd | undefined {
    const emptied = this.#input.stacks.find(({ high }) => sp === high);
    const fp = registers.get(x.s0);
    if (!emptied || !isReturnAddress || fp === undefined) return undefined;
    const why = `no call frame information for ${hex(pc)}, which has switched to the ${emptied.name}`;
    const address = recordAddress(fp);
    if ((fp & 7n) !== 0n) return failure('R2', fp, `${why}: its s0 ${hex(fp)} is not a multiple of 8`);
    const place = this.#stacks.locate(address, recordSize);
    if ('rule' in place) return failure(place.rule, address, `${why}: ${place.reason}`);
    const record = readRecord(this.#input.memory, address);
    if (!record) return failure('R3', address, `${why}: its record at ${hex(address)} cannot be read`);
    if (!this.#input.isKernelText(record.ra))
      return failure('R18', record.ra, `${why}: return address ${hex(record.ra)} is not in kernel text`);
    place.consume();
    const known = [x.gp, x.tp].flatMap((register): [number, bigint][] => {
      const value = registers.get(register);
      return value === undefined ? [] : [[register, value]];
    });
    return {
      pc: record.ra,
      mark: 'C',
      isReturnAddress: true,
      stack: stackOfFrame(this.#input.stacks, { sp: fp, fp: record.fp }),
      origin: { kind: 'record', ...record },
      fp: record.fp,
      registers: new Map([[x.sp, fp], ...known, [x.s0, record.fp]]),
      rule: 'R6',
      reason: `${why}: its own frame record at ${hex(address)}`,
    };
  }
}

function registersOf(start: Exclude<WalkStart, { kind: 'user' }>): KnownRegisters {
  return (
    start.registers ??
    new Map([
      [x.sp, start.sp],
      [x.s0, start.fp],
    ])
  );
}

function isWritten({ status, epc, badaddr, cause }: PtRegs, registers: KnownRegisters): boolean {
  return (
    registers.get(x.s1) === status &&
    registers.get(x.s2) === epc &&
    registers.get(x.s3) === badaddr &&
    registers.get(x.s4) === cause
  );
}
