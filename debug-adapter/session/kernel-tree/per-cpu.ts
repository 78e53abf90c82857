/** Per-CPU variables, each with the copies of all CPUs, which open as other variables do. */
import {
  areaText,
  perCpuCopies,
  perCpuExpression,
  perCpuStandpoint,
  type PerCpuCopy,
} from '../../debugger/per-cpu-values';
import type { Debuggee } from '../../debugger/api';
import { readNames } from '../../debugger/expression/prepare-names';
import type { PerCpuVariable } from '../../kernel/per-cpu';
import { hex } from '../../unwind/hex';
import { noPerCpu } from '../console/kernel-commands';
import type { KernelNode } from '../protocol/custom';
import { cVariable, type ValueView } from '../variables/c-values';
import type { Variable, VariableContainer } from '../variables/variable';
import { note, type Branch } from './branch';

/** Of an array. */
const mostElements = 1000;

/** Below a variable are its copies, by CPU, and below each of those its parts by their place in it: `runqueues@0x…/1/4/0`. */
export const perCpuNodes: Branch = async (rest, { debuggee }) => {
  const variables = debuggee.kernel.views.perCpuVariables;
  if (variables.length === 0) return note('percpu/none', noPerCpu);
  if (rest === '') return rootNodes(variables, debuggee);
  const [id, cpu, ...path] = rest.split('/');
  const variable = variables.find((one) => idOf(one) === id);
  if (!variable) return [];
  await readNames(debuggee);
  const copies = perCpuCopies(debuggee, variable).map((copy) => ({
    cpu: copy.cpu,
    node: copyNode(variable, copy, debuggee),
  }));
  const below = `percpu/${idOf(variable)}`;
  if (cpu === undefined) return copies.map((copy) => nodeOf(copy.node, `${below}/${copy.cpu}`));
  const start = copies.find((copy) => String(copy.cpu) === cpu)?.node.children;
  const parts = path.reduce<readonly Variable[]>(
    (some, index) => partsOf(some[Number(index)]?.children),
    partsOf(start),
  );
  return parts.map((part, n) => nodeOf(part, [below, cpu, ...path, n].join('/')));
};

function rootNodes(variables: readonly PerCpuVariable[], debuggee: Debuggee): readonly KernelNode[] {
  const areas = areaText(debuggee);
  return variables.map((variable): KernelNode => ({
    id: `percpu/${idOf(variable)}`,
    label: variable.name,
    description: `${variable.size} bytes`,
    tooltip: areas,
    kind: 'variable',
    hasChildren: true,
  }));
}

/** A static variable's name may be that of another one: the address tells them apart. */
function idOf({ name, address }: PerCpuVariable): string {
  return `${name}@${hex(address)}`;
}

function copyNode(variable: PerCpuVariable, copy: PerCpuCopy, debuggee: Debuggee): Variable {
  const { cpu, address, typed, value } = copy;
  const name = `CPU ${cpu}`;
  if (!typed) return { name, value, memoryReference: hex(address) };
  const view: ValueView = {
    standpoint: perCpuStandpoint(debuggee),
    debuggee,
    format: undefined,
    changed: () => undefined,
  };
  return {
    ...cVariable(name, typed, perCpuExpression(variable, cpu, debuggee), view),
    memoryReference: hex(address),
  };
}

function partsOf(container: VariableContainer | undefined): readonly Variable[] {
  return container?.elements?.page(0, mostElements) ?? container?.list() ?? [];
}

function nodeOf(
  { name, value, type, children, memoryReference, evaluateName }: Variable,
  id: string,
): KernelNode {
  return {
    id,
    label: name,
    description: value,
    tooltip: [type, memoryReference && `at ${memoryReference}`].filter((text) => text).join(' '),
    kind: 'variable',
    hasChildren: children !== undefined,
    ...(memoryReference !== undefined && { memoryReference }),
    ...(evaluateName !== undefined && { evaluateName }),
  };
}
