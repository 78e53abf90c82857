/**
 * What makes a walk from live registers doubtful before it has begun: no record has been written yet, or s0 is between
 * two owners. These are notes for people (R20); no step of a walk depends on them (R10, R12).
 */
import { metadataType, recordSize } from '../unwind/frame-record';
import { hex } from '../unwind/hex';
import type { PtRegsLayout } from '../unwind/types';
import type { HartState, Task } from './api';
import { csr } from './csr';
import type { ExceptionCode } from './exception-code';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';

/** How the note begins while nothing has written a record on the stack. */
export const noRecordYet = 'no frame record exists yet';

export class StartDoubt {
  readonly #image: KernelImage;
  readonly #code: ExceptionCode;
  readonly #layout: PtRegsLayout;
  readonly #knowsTasks: boolean;

  constructor(image: KernelImage, code: ExceptionCode, layout: PtRegsLayout, knowsTasks: boolean) {
    this.#image = image;
    this.#code = code;
    this.#layout = layout;
    this.#knowsTasks = knowsTasks;
  }

  /** One clause, or `undefined` if nothing is known against the start. `task` is the one that the hart runs. */
  of(hart: HartState, task: Task | undefined, memory: KernelMemory): string | undefined {
    if (!hart.started) return 'the hart is stopped and runs nothing';
    if (hart.privilege === 'user') return undefined;
    return this.#noRecordYet(hart, task, memory) ?? this.#betweenOwners(hart) ?? this.ofAnyWalk;
  }

  /** What holds for every walk of this kernel. */
  get ofAnyWalk(): string | undefined {
    return this.#layout.stackframe === undefined
      ? 'this kernel writes no frame record metadata, so nothing marks its exception boundaries and the ends of its stacks'
      : undefined;
  }

  #noRecordYet(hart: HartState, task: Task | undefined, memory: KernelMemory): string | undefined {
    if (hart.privilege === 'machine' && this.#image.offset !== 0n)
      return 'the hart is in M-mode, in the firmware and not in this kernel';
    if (hart.bare && this.#image.offset !== 0n)
      return `${noRecordYet}: the MMU is off and the first record is written after it is on`;
    if (!this.#knowsTasks)
      return 'the program has no type information for struct task_struct, so tasks and their stacks are unknown';
    if (!task) return `${noRecordYet}: tp ${hex(hart.getX(4))} is no task`;
    const { finalRecord } = task;
    if (finalRecord === undefined) return undefined;
    const type = memory.u64(finalRecord + BigInt(recordSize));
    return type === metadataType.final
      ? undefined
      : `${noRecordYet}: the task's own FINAL record at ${hex(finalRecord)} is not written`;
  }

  /** In trap entry and exit code s0 must point behind the record of the pt_regs at sp; elsewhere a function owns it. */
  #betweenOwners(hart: HartState): string | undefined {
    const { stackframe } = this.#layout;
    const part = this.#code.part(hart.pc);
    if (stackframe !== undefined && hart.getX(8) === hart.getX(2) + BigInt(stackframe + recordSize))
      return undefined;
    if (part === 'entry') {
      const epc = hart.getCsr(hart.privilege === 'machine' ? csr.mepc : csr.sepc);
      const where = epc === undefined ? '' : ` at ${hex(epc)}`;
      return stackframe === undefined
        ? `this kernel writes no frame record for an exception: the code interrupted${where} is missing here`
        : `the exception's frame record is not written yet: s0 is still that of the code interrupted${where}, which is missing here`;
    }
    if (part === 'exit')
      return "the registers of the interrupted code are being restored: s0 no longer leads to the exception's frame record";
    return undefined;
  }
}
