/** Per-CPU variables with the value that each CPU's copy has now: that of their type, or their bytes where no type is known. */
import type { PerCpuVariable } from '../kernel/per-cpu';
import type { CType, FrameContext } from '../symbols/c-types';
import { at as valueAt } from '../symbols/expression/access';
import { evaluate, type ExpressionResult } from '../symbols/expression/evaluate';
import { hex } from '../unwind/hex';
import type { Debuggee } from './api';
import { FrameMachine, hartStandpoint, type Standpoint } from './expression/frame-machine';
import { textOptions } from './expressions';
import { hartOfKernel, memoryOf } from './harts';
import { describeWord } from './symbolic';
import { resultText } from './values/text';

/** Bytes of a value without a type that are shown. */
const shownBytes = 32;

export interface PerCpuCopy {
  readonly cpu: number;
  readonly address: bigint;
  /** As one of the variable's type; `undefined` where debug information does not tell that. */
  readonly typed: ExpressionResult | undefined;
  /** In one line: a value of its type; without one `0x12 <symbol>` for what may be a number or a pointer, else its first bytes. */
  readonly value: string;
}

/** Where the copies are read: on a hart that the kernel's memory can be seen from. */
export function perCpuStandpoint(debuggee: Debuggee): Standpoint {
  return hartStandpoint(hartOfKernel(debuggee), debuggee);
}

/** The copies of a variable, one for each CPU that has an area. The program's names are to be read before (`readNames`). */
export function perCpuCopies(debuggee: Debuggee, variable: PerCpuVariable): readonly PerCpuCopy[] {
  const { address, size } = variable;
  const standpoint = perCpuStandpoint(debuggee);
  const memory = memoryOf(standpoint.hart);
  const machine = new FrameMachine(standpoint);
  const { views } = debuggee.kernel;
  const type = typeOf(variable, debuggee);
  return views.cpuAreas(memory).flatMap(({ cpu }): readonly PerCpuCopy[] => {
    const copy = views.perCpuAddress(address, cpu, memory);
    if (copy === undefined) return [];
    if (type) {
      const typed = evaluate(
        valueAt(0, type, () => copy),
        machine,
      );
      return [{ cpu, address: copy, typed, value: resultText(typed, textOptions(standpoint, debuggee)) }];
    }
    const bytes = memory(copy, Math.min(size, shownBytes));
    const value = bytes ? describeValue(bytes, size, debuggee) : 'cannot be read';
    return [{ cpu, address: copy, typed: undefined, value }];
  });
}

/** Several statics may share a name: the address tells which one it is. */
function typeOf({ name, address }: PerCpuVariable, { program }: Debuggee): CType | undefined {
  const variables = program.debug?.variables(name) ?? [];
  return variables.find((variable) => {
    const location = variable.locate(linked);
    const [piece] = location.kind === 'pieces' ? location.pieces : [];
    return piece?.kind === 'memory' && piece.address === address;
  })?.type;
}

/** A context in which variables are where they are linked. */
const linked: FrameContext = {
  pc: 0n,
  register: () => undefined,
  memory: () => undefined,
  cfa: () => undefined,
  caller: () => undefined,
  runAddress: (address) => address,
};

function describeValue(bytes: Uint8Array, size: number, debuggee: Debuggee): string {
  if ([1, 2, 4, 8].includes(size)) {
    const value = bytes.reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n);
    return size === 8 ? describeWord(value, hartOfKernel(debuggee), debuggee) : `0x${value.toString(16)}`;
  }
  const shown = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return size > bytes.length ? `${shown} … (${size} bytes)` : shown;
}

/** What a copy can be evaluated by: `$percpu(runqueues, 1)`; `undefined` for a name that several variables have. */
export function perCpuExpression(
  { name }: PerCpuVariable,
  cpu: number,
  { kernel }: Debuggee,
): string | undefined {
  const isUnique = kernel.views.perCpuVariables.filter((other) => other.name === name).length === 1;
  return isUnique && /^[A-Za-z_]\w*$/.test(name) ? `$percpu(${name}, ${cpu})` : undefined;
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
    ({ cpu, address, value }) => `  CPU ${cpu}: ${hex(address)}: ${value}`,
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
