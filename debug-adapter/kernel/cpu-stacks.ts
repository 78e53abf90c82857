/** The stacks of a CPU: for interrupts, and for handling the overflow of a task stack (R5). */
import type { Program } from '../symbols/api';
import type { StackBounds } from '../unwind/types';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';

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
  readonly #offsets: { readonly address: bigint; readonly cpus: number } | undefined;
  readonly #irqStackPointer: bigint | undefined;
  readonly #overflowStack: StackPlace | undefined;
  /** Until Linux 6.5 the overflow handler finds its CPU's stack by C code, which runs on this one. */
  readonly #shadowStack: StackPlace | undefined;

  constructor(program: Program, image: KernelImage, threadSize: bigint) {
    const symbol = (name: string) => program.symbols.named(name)[0];
    const place = (name: string): StackPlace | undefined => {
      const found = symbol(name);
      return found && { address: found.address, size: BigInt(found.size || defaultOverflowStackSize) };
    };
    const offsets = symbol('__per_cpu_offset');
    this.#image = image;
    // Without VMAP_STACK there is an array of it (arch/riscv/kernel/irq.c); else it is allocated, and IRQ_STACK_SIZE is
    // THREAD_SIZE (arch/riscv/include/asm/irq_stack.h).
    const array = BigInt(symbol('irq_stack')?.size ?? 0);
    this.#irqStackSize = array > 0n && array <= largestStack ? array : threadSize;
    this.#offsets = offsets && { address: offsets.address, cpus: Math.floor(offsets.size / 8) };
    this.#irqStackPointer = symbol('irq_stack_ptr')?.address;
    this.#overflowStack = place('overflow_stack');
    this.#shadowStack = place('shadow_stack');
  }

  /** Those that the CPU has now: there is no IRQ stack before the kernel has allocated it. */
  of(cpu: number | undefined, memory: KernelMemory): readonly StackBounds[] {
    const offset = cpu === undefined ? undefined : this.#offset(cpu, memory);
    if (cpu === undefined || offset === undefined) return [];
    const stacks: StackBounds[] = [];
    const irq =
      this.#irqStackPointer === undefined
        ? undefined
        : memory.u64(this.#perCpu(this.#irqStackPointer, offset));
    if (irq !== undefined && irq !== 0n) {
      stacks.push({ kind: 'irq', name: `IRQ stack of CPU ${cpu}`, low: irq, high: irq + this.#irqStackSize });
    }
    if (this.#overflowStack) {
      const low = this.#perCpu(this.#overflowStack.address, offset);
      const high = low + this.#overflowStack.size;
      stacks.push({ kind: 'overflow', name: `overflow stack of CPU ${cpu}`, low, high });
    }
    if (this.#shadowStack) {
      const low = this.#image.linkToRunning(this.#shadowStack.address);
      stacks.push({ kind: 'overflow', name: 'shadow stack', low, high: low + this.#shadowStack.size });
    }
    return stacks;
  }

  /** `__per_cpu_offset[cpu]`; kernels for one CPU have no such array and use the variables themselves. */
  #offset(cpu: number, memory: KernelMemory): bigint | undefined {
    if (!this.#offsets) return cpu === 0 ? 0n : undefined;
    return cpu < this.#offsets.cpus
      ? memory.u64(this.#image.linkToRunning(this.#offsets.address) + BigInt(8 * cpu))
      : undefined;
  }

  /** Address of a CPU's copy of a per-CPU variable: the offset is relative to the first copy, which is in the image. */
  #perCpu(address: bigint, offset: bigint): bigint {
    return BigInt.asUintN(64, this.#image.linkToRunning(address) + offset);
  }
}
