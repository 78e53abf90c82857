/**
 * R15: kretprobes and fprobes have a function return to a trampoline, and keep where it would have returned in a list of the
 * task: of `struct rethook_node` (Linux kernel/trace/rethook.c, `rethook_find_ret_addr()`), in kernels before rethook of
 * `struct kretprobe_instance` (kernel/kprobes.c, `kretprobe_find_ret_addr()`).
 */
import type { Program } from '../symbols/api';
import type { Task } from './api';
import type { KeptReturn, ReturnTracer } from './kept-return';
import type { KernelMemory } from './kernel-memory';
import { StructView } from './struct-view';

/** Far above what a task can have of them; a damaged list must not keep us. */
const mostNodes = 1024;
/** No such node is so large. */
const largestNode = 1024;

interface Kind {
  /** Link-time symbol. */
  readonly trampoline: string;
  /** The list's first node: a path in `struct task_struct`. */
  readonly list: string;
  readonly node: string;
  /** The member of the node that is s0 of the caller. */
  readonly frame: string;
}

/** RISC-V has rethook since Linux 6.3. Its trampoline before that was renamed in 5.15. */
const kinds: readonly Kind[] = [
  { trampoline: 'arch_rethook_trampoline', list: 'rethooks', node: 'rethook_node', frame: 'frame' },
  ...['__kretprobe_trampoline', 'kretprobe_trampoline'].map((trampoline) => ({
    trampoline,
    list: 'kretprobe_instances',
    node: 'kretprobe_instance',
    frame: 'fp',
  })),
];

/** `undefined` for a kernel without them. Types are looked up when a stack first has the trampoline in it. */
export function returnHooks({ symbols, types }: Program): ReturnTracer | undefined {
  const kind = kinds.find(({ trampoline }) => symbols.named(trampoline).length > 0);
  const symbol = kind && symbols.named(kind.trampoline)[0];
  if (!symbol) return undefined;
  return {
    rule: 'R15',
    mark: 'K',
    trampoline: { name: kind.trampoline, address: symbol.address, size: symbol.size },
    list: kind.list,
    types: [kind.node],
    // It leaves s0 alone.
    callerFp: (fp) => fp,
    read(task, memory) {
      const head = types.struct('task_struct')?.members.get(`${kind.list}.first`)?.offset;
      const struct = types.struct(kind.node);
      const member = (name: string) => struct?.members.get(name)?.offset;
      const [link, ret, frame] = ['llist', 'ret_addr', kind.frame].map(member);
      if (head === undefined || link === undefined || ret === undefined || frame === undefined)
        return `the program does not describe struct ${kind.node} and the ${kind.list} of a task`;
      const size = Math.max(link, ret, frame) + 8;
      if (size > largestNode) return `struct ${kind.node} is described as one of ${size} bytes and more`;
      return nodes(task, { head, link, ret, frame, size }, memory);
    },
  };
}

/** Byte offsets in `struct task_struct` and in a node, and how much of a node is read. */
interface Layout {
  readonly head: number;
  readonly link: number;
  readonly ret: number;
  readonly frame: number;
  readonly size: number;
}

/** What can be read of the list. */
function nodes(task: Task, layout: Layout, memory: KernelMemory): readonly KeptReturn[] {
  const found: KeptReturn[] = [];
  let next = memory.u64(task.address + BigInt(layout.head));
  while (next !== undefined && next !== 0n && found.length < mostNodes) {
    const address = BigInt.asUintN(64, next - BigInt(layout.link));
    const node = StructView.read(address, layout.size, memory);
    if (!node) break;
    const frame = node.u64(layout.frame);
    found.push({
      pc: node.u64(layout.ret) ?? 0n,
      address: address + BigInt(layout.ret),
      // Before rethook RISC-V kept no frame (`ri->fp = NULL`): the kernel went by the order of the list alone.
      isOf: ({ fp }) => fp !== undefined && (frame === fp || frame === 0n),
    });
    next = node.u64(layout.link);
  }
  return found;
}
