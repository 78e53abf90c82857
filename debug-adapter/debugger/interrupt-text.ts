/** All of the machine's interrupts as text: of harts, of the interrupt controller, of the kernel. */
import type { KernelInterrupt } from '../kernel/interrupt-list';
import type { Debuggee } from './api';
import { hartOfKernel, memoryOfWalk } from './harts';
import { describeInterrupt, describeSource, describeTimer, hartInterrupts, hartTimer } from './interrupts';

/** The kernel's own list at this stop; `undefined` if it has none. Those that nobody handles are left out, as in /proc/interrupts. */
export function kernelInterrupts(debuggee: Debuggee): readonly KernelInterrupt[] | undefined {
  return debuggee.kernel.views
    .interrupts(memoryOfWalk(hartOfKernel(debuggee)))
    ?.filter(({ actions }) => actions.length > 0);
}

/** `12:         34          0  SiFive PLIC  10  ttyS0`. */
export function describeKernelInterrupt(interrupt: KernelInterrupt): string {
  const { number, counts, chip, hardware, actions, disabled } = interrupt;
  const columns = counts.map(({ count }) => count.toString().padStart(10)).join(' ');
  const off = disabled > 0 ? '  (disabled)' : '';
  return `${number.toString().padStart(3)}: ${columns}  ${chip ?? '-'} ${hardware}  ${actions.join(', ')}${off}`;
}

export function interruptText(debuggee: Debuggee): string {
  const { target } = debuggee;
  const state = target.interrupts;
  const harts = target.harts.flatMap((hart) => [
    `hart ${hart.index}, ${hart.state === 'stopped' ? 'stopped' : `${hart.privilege} mode`}`,
    ...hartInterrupts(hart).map((one) => `  ${`${one.name}:`.padEnd(21)} ${describeInterrupt(one)}`),
    `  ${describeTimer(hartTimer(hart, state))}`,
  ]);
  const sources = state.sources.map(
    (source) =>
      `  ${source.source.toString().padStart(2)} ${`${source.device}:`.padEnd(16)} ${describeSource(source, state)}`,
  );
  const kernel = kernelInterrupts(debuggee) ?? [];
  const cpus = (kernel[0]?.counts ?? []).map(({ cpu }) => `CPU${cpu}`.padStart(10)).join(' ');
  return [
    ...harts,
    ...(sources.length > 0 ? ['interrupt controller (PLIC)', ...sources] : []),
    ...(kernel.length > 0 ? ['kernel', `     ${cpus}`, ...kernel.map(describeKernelInterrupt)] : []),
  ].join('\n');
}
