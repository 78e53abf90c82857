/** Per-CPU variables, each with the copies of all CPUs. */
import { areaText, perCpuCopies } from '../../debugger/per-cpu-values';
import { hex } from '../../unwind/hex';
import { noPerCpu } from '../console/kernel-commands';
import type { KernelNode } from '../protocol/custom';
import { note, type Branch } from './branch';

export const perCpuNodes: Branch = (rest, { debuggee }) => {
  const variables = debuggee.kernel.views.perCpuVariables;
  if (variables.length === 0) return note('percpu/none', noPerCpu);
  // A static variable's name may be that of another one: the address tells them apart.
  const idOf = ({ name, address }: (typeof variables)[number]) => `${name}@${hex(address)}`;
  if (rest !== '') {
    const variable = variables.find((one) => idOf(one) === rest);
    return (variable ? perCpuCopies(debuggee, variable) : []).map(({ cpu, address, value }): KernelNode => ({
      id: `percpu/${rest}/${cpu}`,
      label: `CPU ${cpu}`,
      description: value ?? 'cannot be read',
      tooltip: hex(address),
      kind: 'variable',
      hasChildren: false,
      memoryReference: hex(address),
    }));
  }
  const areas = areaText(debuggee);
  return variables.map((variable): KernelNode => ({
    id: `percpu/${idOf(variable)}`,
    label: variable.name,
    description: `${variable.size} bytes`,
    tooltip: areas,
    kind: 'variable',
    hasChildren: true,
  }));
};
