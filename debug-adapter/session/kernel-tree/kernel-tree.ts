/** `riscvUnwind/kernelTree` and `riscvUnwind/kernelLog`: what the kernel holds, for tree views and documents of a client. */
import { kernelLog, logText } from '../../debugger/kernel-log';
import { noLog } from '../console/kernel-commands';
import { badArgument } from '../errors';
import type { KernelNode } from '../protocol/custom';
import type { Handlers } from '../protocol/requests';
import type { Sources } from '../sources';
import type { SessionState } from '../state';
import type { Branch } from './branch';
import { interruptNodes } from './interrupts';
import { logNodes } from './log';
import { moduleNodes } from './modules';
import { perCpuNodes } from './per-cpu';
import { taskNodes } from './tasks';

/** Ids are paths: `tasks`, `tasks/0xffffffc600210000`. */
const roots: Readonly<Record<string, { readonly label: string; readonly branch: Branch }>> = {
  tasks: { label: 'Tasks', branch: taskNodes },
  modules: { label: 'Modules', branch: moduleNodes },
  interrupts: { label: 'Interrupts', branch: interruptNodes },
  percpu: { label: 'Per-CPU Variables', branch: perCpuNodes },
  log: { label: 'Kernel Log', branch: logNodes },
};

const defaultCount = 200;
const mostNodes = 1000;

export function kernelTreeHandlers(
  state: SessionState,
  sources: Sources,
): Handlers<'riscvUnwind/kernelTree' | 'riscvUnwind/kernelLog'> {
  return {
    async 'riscvUnwind/kernelTree'({ node, start = 0, count = defaultCount }) {
      state.stoppedDebuggee('look into its kernel');
      const all = node === undefined ? rootNodes() : await childrenOf(node, state, sources);
      const first = Math.max(0, Math.floor(start) || 0);
      const most = Math.min(Math.max(0, Math.floor(count) || 0), mostNodes);
      return { nodes: all.slice(first, first + most), total: all.length };
    },

    'riscvUnwind/kernelLog'() {
      const records = kernelLog(state.stoppedDebuggee("read its kernel's log"));
      return { text: records ? `${logText(records, true)}\n` : `${noLog}\n` };
    },
  };
}

function rootNodes(): readonly KernelNode[] {
  return Object.entries(roots).map(([id, { label }]) => ({ id, label, kind: 'group', hasChildren: true }));
}

async function childrenOf(
  node: unknown,
  state: SessionState,
  sources: Sources,
): Promise<readonly KernelNode[]> {
  const [root, rest] = /^([^/]*)\/?(.*)$/s.exec(String(node))!.slice(1);
  const found = Object.hasOwn(roots, root!) ? roots[root!] : undefined;
  if (!found) throw badArgument('riscvUnwind/kernelTree', 'node', "an id that was given as a node's");
  return found.branch(rest!, state, sources);
}
