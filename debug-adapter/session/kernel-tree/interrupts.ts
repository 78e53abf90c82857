/** What is pending and enabled: on each hart, at the interrupt controller, and in the kernel's own list. */
import type { Debuggee } from '../../debugger/api';
import { kernelInterrupts } from '../../debugger/interrupt-text';
import {
  describeInterrupt,
  describeSource,
  describeTimer,
  hartInterrupts,
  hartTimer,
} from '../../debugger/interrupts';
import type { TargetHart } from '../../target/target';
import type { KernelNode } from '../protocol/custom';
import type { Branch } from './branch';

export const interruptNodes: Branch = (rest, { debuggee }) => {
  if (rest === '') return groups(debuggee);
  if (rest === 'controller') return sources(debuggee);
  if (rest === 'kernel') return ofKernel(debuggee);
  const hart = debuggee.target.harts.find(({ index }) => rest === `hart${index}`);
  return hart ? ofHart(hart, debuggee) : [];
};

function groups({ target }: Debuggee): readonly KernelNode[] {
  const harts = target.harts.map((hart): KernelNode => {
    const pending = hartInterrupts(hart).filter((one) => one.pending);
    return {
      id: `interrupts/hart${hart.index}`,
      label: `Hart ${hart.index}`,
      description:
        pending.length === 0 ? 'none pending' : `pending: ${pending.map(({ name }) => name).join(', ')}`,
      kind: 'hart',
      hasChildren: true,
    };
  });
  return [
    ...harts,
    { id: 'interrupts/controller', label: 'Interrupt Controller (PLIC)', kind: 'group', hasChildren: true },
    { id: 'interrupts/kernel', label: 'Handled by the Kernel', kind: 'group', hasChildren: true },
  ];
}

function ofHart(hart: TargetHart, { target }: Debuggee): readonly KernelNode[] {
  const id = `interrupts/hart${hart.index}`;
  const interrupts = hartInterrupts(hart).map((one): KernelNode => ({
    id: `${id}/${one.name}`,
    label: one.name,
    description: describeInterrupt(one),
    kind: one.pending ? 'pending interrupt' : 'interrupt',
    hasChildren: false,
  }));
  const [label, description] = describeTimer(hartTimer(hart, target.interrupts)).split(': ');
  return [
    ...interrupts,
    { id: `${id}/timer`, label: label!, description: description!, kind: 'interrupt', hasChildren: false },
  ];
}

function sources({ target }: Debuggee): readonly KernelNode[] {
  const state = target.interrupts;
  return state.sources.map((source): KernelNode => ({
    id: `interrupts/controller/${source.source}`,
    label: `${source.source} ${source.device}`,
    description: describeSource(source, state),
    kind: source.pending ? 'pending interrupt' : 'interrupt',
    hasChildren: false,
  }));
}

function ofKernel(debuggee: Debuggee): readonly KernelNode[] {
  return (kernelInterrupts(debuggee) ?? []).map((interrupt): KernelNode => {
    const { number, actions, chip, hardware, counts, disabled } = interrupt;
    const taken = counts.map(({ cpu, count }) => `CPU ${cpu}: ${count}`).join(', ');
    return {
      id: `interrupts/kernel/${number}`,
      label: `${number} ${actions.join(', ')}`,
      description: `${taken}; ${chip ?? '-'} ${hardware}${disabled > 0 ? ', disabled' : ''}`,
      kind: 'interrupt',
      hasChildren: false,
    };
  });
}
