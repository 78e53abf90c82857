/** Per-CPU variables with the value that each CPU's copy has now. */
import type { PerCpuVariable } from '../kernel/per-cpu';
import { hex } from '../unwind/hex';
import type { Debuggee } from './api';
import { hartOfKernel, memoryOf } from './harts';
import { describeWord } from './symbolic';

/** Bytes of a value that are shown. */
const shownBytes = 32;

interface PerCpuCopy {
  readonly cpu: number;
  readonly address: bigint;
  /** `0x12 <symbol>` for what may be a number or a pointer, else its first bytes; `undefined` if it cannot be read. */
  readonly value: string | undefined;
}

/** The copies of a variable, one for each CPU that has an area. */
export function perCpuCopies(debuggee: Debuggee, { address, size }: PerCpuVariable): readonly PerCpuCopy[] {
  const hart = hartOfKernel(debuggee);
  const memory = memoryOf(hart);
  const { views } = debuggee.kernel;
  return views.cpuAreas(memory).flatMap(({ cpu }) => {
    const copy = views.perCpuAddress(address, cpu, memory);
    if (copy === undefined) return [];
    const bytes = memory(copy, Math.min(size, shownBytes));
    return [{ cpu, address: copy, value: bytes && describeValue(bytes, size, debuggee) }];
  });
}

function describeValue(bytes: Uint8Array, size: number, debuggee: Debuggee): string {
  if ([1, 2, 4, 8].includes(size)) {
    const value = bytes.reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n);
    return size === 8 ? describeWord(value, hartOfKernel(debuggee), debuggee) : `0x${value.toString(16)}`;
  }
  const shown = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return size > bytes.length ? `${shown} … (${size} bytes)` : shown;
}

/** Variables whose name is this, or has it in it if none is. */
export function perCpuNamed({ kernel }: Debuggee, name: string): readonly PerCpuVariable[] {
  const all = kernel.views.perCpuVariables;
  const exact = all.filter((variable) => variable.name === name);
  return exact.length > 0 ? exact : all.filter((variable) => variable.name.includes(name));
}

/** `runqueues, 3392 bytes` and a line for each CPU. */
export function perCpuText(debuggee: Debuggee, variable: PerCpuVariable): string {
  const copies = perCpuCopies(debuggee, variable).map(
    ({ cpu, address, value }) => `  CPU ${cpu}: ${hex(address)}: ${value ?? 'cannot be read'}`,
  );
  return [`${variable.name}, ${variable.size} bytes`, ...copies].join('\n');
}

/** Where each CPU's copies are. */
export function areaText(debuggee: Debuggee): string {
  const areas = debuggee.kernel.views.cpuAreas(memoryOf(hartOfKernel(debuggee)));
  return areas
    .map(({ cpu, base, offset }) => `CPU ${cpu}: copies at ${hex(base)}, offset ${hex(offset)}`)
    .join('\n');
}
