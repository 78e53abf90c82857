/** The kernel is about to execute what is no code of it: the machine stops before that, and nothing has happened yet. */
import type { TargetHart, TargetStop, Text } from '../target/target';
import type { Debuggee } from './api';
import { instructionAt } from './code';
import type { TrapExplanation } from './explain-trap';
import { hartState, memoryOf } from './harts';
import { formatLocation, locate } from './location';
import { freed, lastCall, outside } from './wild-execution';

export type Stray = Extract<TargetStop, { kind: 'stray' }>;

/** What the machine is to stop outside of; `undefined` for a program of which that is not known. */
export function textOf({ kernel, firmware }: Debuggee): Text | undefined {
  const { physical, virtual } = kernel.code;
  return physical.length === 0 ? undefined : { physical: [...physical, ...firmware], virtual };
}

/** What there is to say where the machine has stopped before what is no text. */
export function explainStray({ hart: index, pc, from }: Stray, debuggee: Debuggee): TrapExplanation {
  const { kernel, target } = debuggee;
  const hart = target.harts[index]!;
  const { bare } = hart;
  const isFreed =
    kernel.initFreed &&
    kernel.runsKernelText(pc, bare) &&
    kernel.isInitText(kernel.linkAddress(pc, bare).address);
  const clauses = [
    isFreed ? freed(debuggee, pc, bare) : outside(pc),
    isFreed ? undefined : memoryAt(debuggee, hart, pc),
    from === undefined ? undefined : wayThere(debuggee, hart, from),
    lastCall(debuggee, hart, bare),
  ];
  const text = clauses.filter((clause) => clause !== undefined).join('; ');
  return { title: 'Wild execution', text: `Wild execution: ${text}.` };
}

/** What is there instead of code, if that has a name. */
function memoryAt(debuggee: Debuggee, hart: TargetHart, pc: bigint): string | undefined {
  const location = locate(debuggee, pc, { bare: hart.bare });
  if (location.symbol !== undefined) return `that is ${formatLocation(location)}`;
  const task = debuggee.kernel.currentTask(hartState(hart), memoryOf(hart));
  if (!task || pc < task.stack.low || pc >= task.stack.high) return undefined;
  return `that is the stack of ${task.comm ?? '?'} [${task.pid ?? '?'}]`;
}

function wayThere(debuggee: Debuggee, hart: TargetHart, from: bigint): string {
  const instruction = instructionAt(debuggee, hart, from);
  const where = formatLocation(locate(debuggee, from, { bare: hart.bare }));
  return `it went there from ${where}${instruction ? ` by '${instruction.text}'` : ''}`;
}
