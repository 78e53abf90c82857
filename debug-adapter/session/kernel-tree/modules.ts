/** The modules that are loaded, each with its memory and its functions. */
import { moduleBase } from '../../debugger/module-text';
import { loadedModules } from '../../debugger/modules';
import type { KernelModule } from '../../kernel/module-list';
import { hex } from '../../unwind/hex';
import { noModules } from '../console/kernel-commands';
import type { KernelNode } from '../protocol/custom';
import { note, type Branch } from './branch';

export const moduleNodes: Branch = (rest, { debuggee }) => {
  if (!debuggee.kernel.views.hasModules) return note('modules/none', noModules);
  const modules = loadedModules(debuggee);
  if (rest !== '') {
    const module = modules.find(({ address }) => hex(address) === rest);
    return module ? partsOf(module) : [];
  }
  if (modules.length === 0) return note('modules/none', 'No module is loaded.');
  return modules.map((module): KernelNode => {
    const { name, size, state, users, taints, address } = module;
    const base = moduleBase(module);
    const facts = [
      `${size} bytes`,
      ...(base === undefined ? [] : [`at ${hex(base)}`]),
      ...(state === 'live' ? [] : [state]),
      ...(users.length === 0 ? [] : [`used by ${users.join(', ')}`]),
      ...(taints === '' ? [] : [`taints ${taints}`]),
    ];
    return {
      id: `modules/${hex(address)}`,
      label: name,
      description: facts.join(', '),
      tooltip: `struct module at ${hex(address)}`,
      kind: 'module',
      hasChildren: true,
      memoryReference: hex(base ?? address),
    };
  });
};

function partsOf(module: KernelModule): readonly KernelNode[] {
  const id = `modules/${hex(module.address)}`;
  const regions = module.regions.map(({ name, start, end }): KernelNode => ({
    id: `${id}/${name}`,
    label: name,
    description: `${hex(start)} to ${hex(end)}`,
    kind: 'memory',
    hasChildren: false,
    memoryReference: hex(start),
  }));
  const functions = module
    .symbols()
    .filter(({ kind }) => kind === 'function')
    .map(({ name, address, size }): KernelNode => ({
      id: `${id}/${hex(address)}`,
      label: name,
      description: `${hex(address)}, ${size} bytes`,
      kind: 'frame',
      hasChildren: false,
      memoryReference: hex(address),
    }));
  return [...regions, ...functions];
}
