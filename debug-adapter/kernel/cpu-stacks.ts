/** The stacks of a CPU: for interrupts, and for handling the overflow of a task stack (R5). */
import type { Program } from '../symbols/api';
import type { StackBounds } from '../unwind/types';
import type { KernelMemory } from './kernel-memory';

/** OVERFLOW_STACK_SIZE of arch/riscv/include/asm/thread_info.h, where the symbol table has no size. */
const defaultOverflowStackSize = 4096;

export class CpuStacks {
  /** IRQ_STACK_SIZE is THREAD_SIZE (arch/riscv/include/asm/irq_stack.h). */
  readonly #irqStackSize: bigint;
  readonly #offsets: { readonly address: bigint; readonly cpus: number } | undefined;
  readonly #irqStackPointer: bigint | undefined;
  readonly #overflowStack: { readonly address: bigint; readonly size: bigint } | undefined;

  constructor(program: Program, threadSize: bigint) {
    const symbol = (name: string) => program.symbols.named(name)[0];
    const offsets = symbol('__per_cpu_offset');
    const overflow = symbol('overflow_stack');
    this.#irqStackSize = threadSize;
    this.#offsets = offsets && { address: offsets.address, cpus: Math.floor(offsets.size / 8) };
    this.#irqStackPointer = symbol('irq_stack_ptr')?.address;
    this.#overflowStack = overflow && {
      address: overflow.address,
      size: BigInt(overflow.size || defaultOverflowStackSize),
    };
  }

  /** Those that the CPU has now: there is no IRQ stack before the kernel has allocated it. */
  of(cpu: number | undefined, memory: KernelMemory): readonly StackBounds[] {
    const offset = cpu === undefined ? undefined : this.#offset(cpu, memory);
    if (cpu === undefined || offset === undefined) return [];
    const stacks: StackBounds[] = [];
    const irq =
      this.#irqStackPointer === undefined ? undefined : memory.u64(perCpu(this.#irqStackPointer, offset));
    if (irq !== undefined && irq !== 0n) {
      stacks.push({ kind: 'irq', name: `IRQ stack of CPU ${cpu}`, low: irq, high: irq + this.#irqStackSize });
    }
    if (this.#overflowStack) {
      const low = perCpu(this.#overflowStack.address, offset);
      const high = low + this.#overflowStack.size;
      stacks.push({ kind: 'overflow', name: `overflow stack of CPU ${cpu}`, low, high });
    }
    return stacks;
  }

  /** `__per_cpu_offset[cpu]`; kernels for one CPU have no such array and use the variables themselves. */
  #offset(cpu: number, memory: KernelMemory): bigint | undefined {
    if (!this.#offsets) return cpu === 0 ? 0n : undefined;
    return cpu < this.#offsets.cpus ? memory.u64(this.#offsets.address + BigInt(8 * cpu)) : undefined;
  }
}

/** Address of a CPU's copy of a per-CPU variable. */
function perCpu(address: bigint, offset: bigint): bigint {
  return BigInt.asUintN(64, address + offset);
}
