/** The stacks of a CPU: for interrupts, and for handling the overflow of a task stack (R5). */
import type { Program } from '../symbols/api';
import type { StackBounds } from '../unwind/types';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';
import type { PerCpu } from './per-cpu';

/** OVERFLOW_STACK_SIZE of arch/riscv/include/asm/thread_info.h, where the symbol table has no size. */
const defaultOverflowStackSize = 4096;
/** Far above every stack in use; a damaged symbol table must not make a stack of all memory. */
const largestStack = 1n << 20n;

/** As linked. */
interface StackPlace {
  readonly address: bigint;
  readonly size: bigint;
}

export class CpuStacks {
  readonly #image: KernelImage;
  readonly #irqStackSize: bigint;
  readonly #perCpu: PerCpu;
  readonly #irqStackPointer: bigint | undefined;
  readonly #overflowStack: StackPlace | undefined;
  /** Until Linux 6.5 the overflow handler finds its CPU's stack by C code, which runs on this one. */
  readonly #shadowStack: StackPlace | undefined;

  constructor(program: Program, image: KernelImage, perCpu: PerCpu, threadSize: bigint) {
    const symbol = (name: string) => program.symbols.named(name)[0];
    const place = (name: string): StackPlace | undefined => {
      const found = symbol(name);
      return found && { address: found.address, size: BigInt(found.size || defaultOverflowStackSize) };
    };
    this.#image = image;
    this.#perCpu = perCpu;
    // Without VMAP_STACK there is an array of it (arch/riscv/kernel/irq.c); else it is allocated, and IRQ_STACK_SIZE is
    // THREAD_SIZE (arch/riscv/include/asm/irq_stack.h).
    const array = BigInt(symbol('irq_stack')?.size ?? 0);
    this.#irqStackSize = array > 0n && array <= largestStack ? array : threadSize;
    this.#irqStackPointer = symbol('irq_stack_ptr')?.address;
    this.#overflowStack = place('overflow_stack');
    this.#shadowStack = place('shadow_stack');
  }

  /** Those that the CPU has now: there is no IRQ stack before the kernel has allocated it. */
  of(cpu: number | undefined, memory: KernelMemory): readonly StackBounds[] {
    if (cpu === undefined) return [];
    const copy = (address: bigint | undefined) =>
      address === undefined ? undefined : this.#perCpu.address(address, cpu, memory);
    const stacks: StackBounds[] = [];
    const pointer = copy(this.#irqStackPointer);
    const irq = pointer === undefined ? undefined : memory.u64(pointer);
    if (irq !== undefined && irq !== 0n) {
      stacks.push({ kind: 'irq', name: `IRQ stack of CPU ${cpu}`, low: irq, high: irq + this.#irqStackSize });
    }
    const overflow = copy(this.#overflowStack?.address);
    if (this.#overflowStack && overflow !== undefined) {
      const high = overflow + this.#overflowStack.size;
      stacks.push({ kind: 'overflow', name: `overflow stack of CPU ${cpu}`, low: overflow, high });
    }
    if (this.#shadowStack) {
      const low = this.#image.linkToRunning(this.#shadowStack.address);
      stacks.push({ kind: 'overflow', name: 'shadow stack', low, high: low + this.#shadowStack.size });
    }
    return stacks;
  }
}
