/**
 * R14: the function graph tracer has each function that it traces return to `return_to_handler`, and keeps where it would
 * have returned in the task's `ret_stack` (Linux kernel/trace/fgraph.c, `ftrace_graph_ret_addr()`).
 */
import type { Program, StructLayout } from '../symbols/api';
import { sizeOnStack } from '../unwind/pt-regs';
import type { ReturnCookies } from '../unwind/types';
import type { Task } from './api';
import type { KeptReturn, ReturnTracer } from './kept-return';
import type { KernelMemory } from './kernel-memory';
import { StructView } from './struct-view';

const trampoline = 'return_to_handler';
const entryName = 'ftrace_ret_stack';
const registersName = '__arch_ftrace_regs';
/** SHADOW_STACK_SIZE of Linux 6.11 to 7.3, in bytes. */
const largestStack = 4096;
/** FTRACE_RETFUNC_DEPTH, the length of the array until Linux 6.10. */
const deepestArray = 50;
/** FGRAPH_FRAME_OFFSET_MASK of Linux 6.11 to 7.3: words from the one that has it back to the entry's start. */
const frameOffsetMask = 0x3ffn;
const wordSize = 8;

/** `struct task_struct` and `struct ftrace_ret_stack`, byte offsets. */
interface Layout {
  readonly entry: StructLayout;
  readonly retStack: number;
  readonly currRetStack: number;
}

/** `undefined` for a kernel without it. Types are looked up when a stack first has the trampoline in it. */
export function functionGraph({ symbols, types }: Program): ReturnTracer | undefined {
  const symbol = symbols.named(trampoline)[0];
  if (!symbol) return undefined;
  // The function came with the stack of words.
  const isPacked = symbols.named('fgraph_reserve_data').length > 0;
  return {
    rule: 'R14',
    mark: 'F',
    trampoline: { name: trampoline, address: symbol.address, size: symbol.size },
    list: 'ret_stack',
    types: [entryName, registersName],
    callerFp: (fp, at, memory) => callerFp(types.struct(registersName), fp, at, memory),
    read(task, memory) {
      const entry = types.struct(entryName);
      const members = types.struct('task_struct')?.members;
      const retStack = members?.get('ret_stack')?.offset;
      const currRetStack = members?.get('curr_ret_stack')?.offset;
      if (!entry || retStack === undefined || currRetStack === undefined)
        return 'the program does not describe struct ftrace_ret_stack and the ret_stack of a task';
      return (isPacked ? packedEntries : arrayEntries)({ entry, retStack, currRetStack }, task, memory);
    },
  };
}

/**
 * Since Linux 6.11: words, of which `curr_ret_stack` are in use. Behind each entry, and behind what a tracer has put there for
 * itself, one says how far back the entry begins.
 */
function packedEntries(layout: Layout, task: Task, memory: KernelMemory): readonly KeptReturn[] | string {
  const count = currRetStack(layout, task, memory);
  if (count > largestStack / wordSize) return `curr_ret_stack ${count} is beyond the end of ret_stack`;
  const stack = stackOf(layout, task, Math.max(count, 0) * wordSize, memory);
  if (typeof stack === 'string') return stack;
  const found: KeptReturn[] = [];
  for (let end = count; end > 0;) {
    const link = end - 1;
    const back = Number((stack.u64(link * wordSize) ?? 0n) & frameOffsetMask);
    if (back === 0 || back > link) break;
    end = link - back;
    found.push(keptIn(stack, end * wordSize, layout.entry));
  }
  return found;
}

/** Until Linux 6.10: an array whose last entry in use is `curr_ret_stack`, -1 if none is. */
function arrayEntries(layout: Layout, task: Task, memory: KernelMemory): readonly KeptReturn[] | string {
  const count = currRetStack(layout, task, memory) + 1;
  if (count > deepestArray) return `curr_ret_stack ${count - 1} is beyond the end of ret_stack`;
  const { size } = layout.entry;
  const stack = stackOf(layout, task, Math.max(count, 0) * size, memory);
  if (typeof stack === 'string') return stack;
  return Array.from({ length: Math.max(count, 0) }, (_, n) =>
    keptIn(stack, (count - 1 - n) * size, layout.entry),
  );
}

/**
 * return_to_handler calls C code with s0 at the end of what it has saved: a frame record at first, since Linux 6.14 a `struct
 * __arch_ftrace_regs`, which has ra and s0 elsewhere. Either ra is the trampoline itself, to which the traced function has returned.
 */
function callerFp(
  registers: StructLayout | undefined,
  fp: bigint,
  trampoline: bigint,
  memory: KernelMemory,
): bigint | undefined {
  const [ra, s0] = ['ra', 's0'].map((name) => registers?.members.get(name)?.offset);
  if (registers && ra !== undefined && s0 !== undefined) {
    const start = fp - sizeOnStack(registers);
    const word = (offset: number) => memory.u64(BigInt.asUintN(64, start + BigInt(offset)));
    if (word(ra) === trampoline) return word(s0);
  }
  // Asked last: beside such registers there can be what is left of the traced function's record.
  return memory.u64(BigInt.asUintN(64, fp - 8n)) === trampoline ? undefined : fp;
}

function currRetStack(layout: Layout, task: Task, memory: KernelMemory): number {
  return (memory.u32(task.address + BigInt(layout.currRetStack)) ?? 0) | 0;
}

function stackOf(layout: Layout, task: Task, size: number, memory: KernelMemory): StructView | string {
  const address = memory.u64(task.address + BigInt(layout.retStack));
  if (address === undefined || address === 0n) return 'the task has no ret_stack';
  return StructView.read(address, size, memory) ?? 'the ret_stack cannot be read';
}

/**
 * The call is known by `retp`, the address of the saved ra: on the stack with mcount, in the `ftrace_regs` of the tracer's own
 * frame since Linux 6.4, where it tells nothing any more, and s0 of the caller in kernels with the metadata series. `fp` is
 * s0 of the caller, too (HAVE_FUNCTION_GRAPH_FP_TEST).
 */
function keptIn(stack: StructView, start: number, { members }: StructLayout): KeptReturn {
  const at = (name: string) => {
    const member = members.get(name);
    return member && start + member.offset;
  };
  const ret = at('ret');
  const [retp, fp] = [stack.u64(at('retp')), stack.u64(at('fp'))];
  return {
    pc: stack.u64(ret) ?? 0n,
    address: stack.address + BigInt(ret ?? start),
    isOf: ({ slot, fp: caller }: ReturnCookies) =>
      (retp !== undefined && (retp === slot || retp === caller)) || (fp !== undefined && fp === caller),
  };
}
