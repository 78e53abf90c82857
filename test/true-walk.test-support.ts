/** The true walk of a debuggee that records calls, and functions by name, for comparison with other walks. */
import assert from 'node:assert/strict';
import type { Debuggee } from '../debug-adapter/debugger/api';
import { hartState, memoryOf } from '../debug-adapter/debugger/harts';
import { locate } from '../debug-adapter/debugger/location';
import type { Task, WalkContext } from '../debug-adapter/kernel/api';
import type { CallChain, TargetHart } from '../debug-adapter/target/target';
import { walkTrue } from '../debug-adapter/unwind/true-walk';
import type { ReadMemory, WalkResult } from '../debug-adapter/unwind/types';

export function trueWalk({ kernel }: Debuggee, hart: TargetHart): WalkResult {
  const memory = memoryOf(hart);
  return walk(kernel.hartContext(hartState(hart), memory), memory, hart.callChain);
}

/** Of a task that no hart runs. `hart` reads memory. */
export function trueWalkOf(debuggee: Debuggee, task: Task, hart: TargetHart): WalkResult {
  const memory = memoryOf(hart);
  const place = debuggee.program.types.struct('task_struct')?.members.get('thread.sp');
  assert.ok(place, 'the kernel has debug information');
  const bytes = memory(task.address + BigInt(place.offset), 8);
  assert.ok(bytes, 'the task can be read');
  const sp = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return walk(debuggee.kernel.blockedContext(task, memory), memory, debuggee.target.suspendedChain(sp));
}

const walk = ({ start, stacks, layout }: WalkContext, memory: ReadMemory, chain: CallChain | undefined) =>
  walkTrue({ start, memory, stacks, layout, finalRecord: undefined, isKernelText: () => true }, chain);

/** Names of functions, innermost first; `(P)` behind those that an exception interrupted. */
export function functionsOf(debuggee: Debuggee, { frames }: WalkResult, hart: TargetHart): string[] {
  return frames.map(({ pc, isReturnAddress, mark }) => {
    const { symbol } = locate(debuggee, pc, { bare: hart.bare, isReturnAddress });
    return `${symbol ?? `0x${pc.toString(16)}`}${mark === 'P' ? ' (P)' : ''}`;
  });
}
