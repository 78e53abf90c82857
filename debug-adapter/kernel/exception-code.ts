/** The assembly that takes an exception and gives back: where s0 is between two owners (Linux 7.3 arch/riscv/kernel/entry.S). */
import type { Program } from '../symbols/api';
import type { KernelImage } from './kernel-image';

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

export class ExceptionCode {
  readonly #image: KernelImage;
  /** Code that takes over from the interrupted context and has a time without a record. */
  readonly #entries: readonly Range[];
  /** Code that gives s0 back. */
  readonly #exit: Range | undefined;
  /** `[handle_exception, ret_from_exception_end)`. */
  readonly #all: Range | undefined;

  constructor(program: Program, image: KernelImage) {
    const address = (name: string) => program.symbols.named(name)[0]?.address;
    const exit = address('ret_from_exception');
    const overflow = program.symbols.named('handle_kernel_stack_overflow')[0];
    this.#image = image;
    this.#exit = range(exit, address('ret_from_exception_end'));
    this.#all = range(address('handle_exception'), address('ret_from_exception_end'));
    this.#entries = [
      range(address('handle_exception'), exit),
      range(overflow?.address, overflow && overflow.address + BigInt(overflow.size)),
    ].filter((entry) => entry !== undefined);
  }

  /** What `walk_stackframe()` takes for the code that takes exceptions, by a pc as a hart or a frame record holds it. */
  has(pc: bigint): boolean {
    return this.#all !== undefined && contains(this.#all, this.#image.runningToLink(pc) ?? pc);
  }

  /** Is a pc, as a hart or a frame record holds it, in the way into the kernel, or back? */
  part(pc: bigint): 'entry' | 'exit' | undefined {
    const address = this.#image.runningToLink(pc) ?? pc;
    if (this.#entries.some((entry) => contains(entry, address))) return 'entry';
    return this.#exit && contains(this.#exit, address) ? 'exit' : undefined;
  }
}

function range(start: bigint | undefined, end: bigint | undefined): Range | undefined {
  return start !== undefined && end !== undefined && start < end ? { start, end } : undefined;
}

function contains({ start, end }: Range, address: bigint): boolean {
  return address >= start && address < end;
}
