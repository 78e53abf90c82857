/**
 * The shadow call stack of a task (CONFIG_SHADOW_CALL_STACK, Linux include/linux/scs.h): where functions put their return
 * addresses once more, and from which they return. gp points behind the last one; it grows upwards.
 */
import type { Program } from '../symbols/api';
import type { HartState, Task } from './api';
import type { KernelMemory } from './kernel-memory';
import type { PerCpu } from './per-cpu';
import { StructView } from './struct-view';

/** SCS_SIZE: a page. */
const stackSize = 4096n;
const wordSize = 8n;
const gp = 3;

export class ShadowCallStacks {
  readonly #perCpu: PerCpu;
  /** Offsets in `struct task_struct`; `undefined` in kernels without such stacks. */
  readonly #members: { readonly base: number; readonly pointer: number } | undefined;
  /** As linked. */
  readonly #irqPointer: bigint | undefined;

  constructor(program: Program, perCpu: PerCpu) {
    const members = program.types.struct('task_struct')?.members;
    const base = members?.get('thread_info.scs_base')?.offset;
    const pointer = members?.get('thread_info.scs_sp')?.offset;
    this.#perCpu = perCpu;
    this.#members = base === undefined || pointer === undefined ? undefined : { base, pointer };
    this.#irqPointer = program.symbols.named('irq_shadow_call_stack_ptr')[0]?.address;
  }

  /** Return addresses of a task that runs on no hart, innermost first; `undefined` if there is no such stack. */
  ofBlocked(task: Task, memory: KernelMemory): readonly bigint[] | undefined {
    const stack = this.#ofTask(task, memory);
    return stack && addresses(stack.base, stack.pointer, memory);
  }

  /**
   * Those of a hart that runs a task in the kernel. On the CPU's IRQ stack it has another one, and the task's waits
   * (`call_on_irq_stack`). `undefined` where gp is in neither, as in trap entry.
   */
  ofHart(hart: HartState, task: Task, memory: KernelMemory): readonly bigint[] | undefined {
    const stack = hart.privilege === 'user' ? undefined : this.#ofTask(task, memory);
    if (!stack) return undefined;
    const pointer = hart.getX(gp);
    const onTask = addresses(stack.base, pointer, memory);
    if (onTask) return onTask;
    const irq = this.#irqStack(task.cpu, memory);
    const inner = irq === undefined ? undefined : addresses(irq, pointer, memory);
    const outer = inner && addresses(stack.base, stack.pointer, memory);
    return outer && [...inner, ...outer];
  }

  #ofTask(task: Task, memory: KernelMemory): { readonly base: bigint; readonly pointer: bigint } | undefined {
    if (!this.#members) return undefined;
    const base = memory.u64(task.address + BigInt(this.#members.base));
    const pointer = memory.u64(task.address + BigInt(this.#members.pointer));
    return base === undefined || base === 0n || pointer === undefined ? undefined : { base, pointer };
  }

  #irqStack(cpu: number, memory: KernelMemory): bigint | undefined {
    if (this.#irqPointer === undefined) return undefined;
    const copy = this.#perCpu.address(this.#irqPointer, cpu, memory);
    return copy === undefined ? undefined : memory.u64(copy);
  }
}

/** The words of `[base, pointer)` from above; `undefined` if the pointer is not in the stack. */
function addresses(base: bigint, pointer: bigint, memory: KernelMemory): readonly bigint[] | undefined {
  if (pointer < base || pointer > base + stackSize || (pointer - base) % wordSize !== 0n) return undefined;
  const stack = StructView.read(base, Number(pointer - base), memory);
  const count = Number((pointer - base) / wordSize);
  return stack && Array.from({ length: count }, (_, n) => stack.u64((count - 1 - n) * Number(wordSize))!);
}
