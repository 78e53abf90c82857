/** All tasks of the kernel, each with its call stack. */
import type { StackRow } from '../../debugger/api';
import { hartOfKernel, memoryOf } from '../../debugger/harts';
import { hartOf } from '../../debugger/threads';
import type { Task } from '../../kernel/api';
import { hex } from '../../unwind/hex';
import type { KernelNode } from '../protocol/custom';
import type { Sources } from '../sources';
import type { Thread } from '../call-stacks';
import type { SessionState } from '../state';
import { note, type Branch } from './branch';

export const taskNodes: Branch = (rest, state, sources) => {
  const { debuggee } = state;
  const tasks = debuggee.kernel.tasks(memoryOf(hartOfKernel(debuggee)));
  if (rest !== '') {
    const task = tasks.find(({ address }) => hex(address) === rest);
    return task ? stackNodes(task, state, sources) : [];
  }
  if (tasks.length === 0)
    return note('tasks/none', 'The kernel has no list of tasks yet, or none that is known.');
  const waiting = new Set(state.waitingTasks().map(({ address }) => address));
  return tasks.map((task): KernelNode => {
    const thread = waiting.has(task.address) ? ({ kind: 'task', task } as const) : threadOf(task, state);
    const running = thread.kind === 'hart' ? `, runs on hart ${thread.hart.index}` : '';
    return {
      id: `tasks/${hex(task.address)}`,
      label: `${task.comm ?? 'task'} [${task.pid ?? '?'}]`,
      description: `${task.state?.words ?? 'state unknown'}, CPU ${task.cpu}${running}`,
      tooltip: `struct task_struct at ${hex(task.address)}, stack ${hex(task.stack.low)} to ${hex(task.stack.high)}`,
      kind: thread.kind === 'hart' ? 'running task' : 'task',
      hasChildren: true,
      threadId: state.threadId(thread),
      memoryReference: hex(task.address),
    };
  });
};

function threadOf(task: Task, state: SessionState): Thread {
  const hart = hartOf(task, state.debuggee);
  return hart ? { kind: 'hart', hart } : { kind: 'task', task };
}

function stackNodes(task: Task, state: SessionState, sources: Sources): Promise<readonly KernelNode[]> {
  const { rows } = state.stack(threadOf(task, state));
  return Promise.all(rows.map((row, n) => frameNode(row, `tasks/${hex(task.address)}/${n}`, state, sources)));
}

async function frameNode(
  row: StackRow,
  id: string,
  state: SessionState,
  sources: Sources,
): Promise<KernelNode> {
  const node: KernelNode = {
    id,
    label: row.text,
    kind: row.kind === 'frame' ? 'frame' : 'group',
    hasChildren: false,
  };
  if (row.kind !== 'frame') return node;
  const { source, pc } = row.location;
  if (!source) return { ...node, memoryReference: hex(pc) };
  return {
    ...node,
    description: `${source.file.slice(source.file.lastIndexOf('/') + 1)}:${source.line}`,
    tooltip: `${source.file}:${source.line}`,
    source: await sources.sourceOf(source.file),
    line: state.client.lineOut(source.line),
    memoryReference: hex(pc),
  };
}
