/**
 * What makes a walk from live registers doubtful before it has begun: no record has been written yet, or s0 is between
 * two owners. These are notes for people (R20); no step of a walk depends on them (R10, R12).
 */
import type { Program } from '../symbols/api';
import { metadataType, recordSize } from '../unwind/frame-record';
import { hex } from '../unwind/hex';
import type { PtRegsLayout } from '../unwind/types';
import type { HartState, Task } from './api';
import { csr } from './csr';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

export class StartDoubt {
  readonly #image: KernelImage;
  readonly #stackframe: number | undefined;
  readonly #knowsTasks: boolean;
  /** Code that takes over from the interrupted context and has a time without a record. */
  readonly #entries: readonly Range[];
  /** Code that gives s0 back. */
  readonly #exit: Range | undefined;

  constructor(program: Program, image: KernelImage, layout: PtRegsLayout, knowsTasks: boolean) {
    const address = (name: string) => program.symbols.named(name)[0]?.address;
    const exit = address('ret_from_exception');
    const overflow = program.symbols.named('handle_kernel_stack_overflow')[0];
    this.#image = image;
    this.#stackframe = layout.stackframe;
    this.#knowsTasks = knowsTasks;
    this.#exit = range(exit, address('ret_from_exception_end'));
    this.#entries = [
      range(address('handle_exception'), exit),
      range(overflow?.address, overflow && overflow.address + BigInt(overflow.size)),
    ].filter((entry) => entry !== undefined);
  }

  /** One clause, or `undefined` if nothing is known against the start. `task` is the one that the hart runs. */
  of(hart: HartState, task: Task | undefined, memory: KernelMemory): string | undefined {
    if (!hart.started) return 'the hart is stopped and runs nothing';
    if (hart.privilege === 'user') return undefined;
    return this.#noRecordYet(hart, task, memory) ?? this.ofAnyWalk ?? this.#betweenOwners(hart);
  }

  /** What holds for every walk of this kernel. */
  get ofAnyWalk(): string | undefined {
    return this.#stackframe === undefined
      ? 'this kernel writes no frame record metadata, so nothing marks its exception boundaries and the ends of its stacks'
      : undefined;
  }

  #noRecordYet(hart: HartState, task: Task | undefined, memory: KernelMemory): string | undefined {
    const prefix = 'no frame record exists yet';
    if (hart.privilege === 'machine' && this.#image.offset !== 0n)
      return 'the hart is in M-mode, in the firmware and not in this kernel';
    if (hart.bare && this.#image.offset !== 0n)
      return `${prefix}: the MMU is off and the first record is written after it is on`;
    if (!this.#knowsTasks)
      return 'the program has no type information for struct task_struct, so tasks and their stacks are unknown';
    if (!task) return `${prefix}: tp ${hex(hart.getX(4))} is no task`;
    const { finalRecord } = task;
    if (finalRecord === undefined) return undefined;
    const type = memory.u64(finalRecord + BigInt(recordSize));
    return type === metadataType.final
      ? undefined
      : `${prefix}: the task's own FINAL record at ${hex(finalRecord)} is not written`;
  }

  /** In trap entry and exit code s0 must point behind the record of the pt_regs at sp; elsewhere a function owns it. */
  #betweenOwners(hart: HartState): string | undefined {
    if (this.#stackframe === undefined) return undefined;
    const recordOfPtRegs = hart.getX(2) + BigInt(this.#stackframe + recordSize);
    if (hart.getX(8) === recordOfPtRegs) return undefined;
    const pc = this.#image.runningToLink(hart.pc) ?? hart.pc;
    if (this.#entries.some((entry) => contains(entry, pc))) {
      const epc = hart.getCsr(hart.privilege === 'machine' ? csr.mepc : csr.sepc);
      const where = epc === undefined ? '' : ` at ${hex(epc)}`;
      return `the exception's frame record is not written yet: s0 is still that of the code interrupted${where}, which is missing here`;
    }
    if (this.#exit && contains(this.#exit, pc))
      return "the registers of the interrupted code are being restored: s0 no longer leads to the exception's frame record";
    return undefined;
  }
}

function range(start: bigint | undefined, end: bigint | undefined): Range | undefined {
  return start !== undefined && end !== undefined && start < end ? { start, end } : undefined;
}

function contains({ start, end }: Range, address: bigint): boolean {
  return address >= start && address < end;
}
