/** What was recorded while Linux boots, against the metadata walk, whose gaps are known. */
import assert from 'node:assert/strict';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { blockedStack, callStack } from '../../debug-adapter/debugger/call-stack';
import { hartState, memoryOf } from '../../debug-adapter/debugger/harts';
import { launch } from '../../debug-adapter/debugger/launch';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import type { TargetHart } from '../../debug-adapter/target/target';
import type { WalkResult } from '../../debug-adapter/unwind/types';
import { functionsOf, trueWalk, trueWalkOf } from '../true-walk.test-support';
import { linuxInitrd, linuxKernel } from './linux.test-support';

const places = [
  ...['start_kernel', 'kmem_cache_alloc_noprof', 'schedule', '__switch_to+0x0', 'finish_task_switch.isra.0'],
  ...[
    'try_to_wake_up',
    'handle_riscv_irq',
    'hrtimer_interrupt',
    'kswapd',
    'handle_mm_fault',
    'do_page_fault',
  ],
  ...['ksys_write', 'vfs_read', 'ret_from_fork_user_asm', 'do_idle', 'do_exit', 'fixup_exception'],
];
/** Stops at each place. */
const MOST_HITS = 25;
/** Stops between two looks at the tasks that wait. */
const BETWEEN_TASKS = 50;

for (const smp of [1, 4]) {
  describe(`what is recorded while Linux boots on ${smp} hart${smp === 1 ? '' : 's'}`, function () {
    this.timeout(120_000);

    it('is what the metadata walk finds, but for functions without a frame record of their own', async function () {
      const program = linuxKernel(this, 'metadata');
      const machine = { smp, memory: '256M', maxInstructions: 300_000_000, recordCalls: true };
      const options = { ...machine, program, initrd: linuxInitrd, append: 'console=ttyS0' };
      const debuggee = await launch(options, createNodeFiles());
      let output = '';
      debuggee.target.onConsoleOutput = (bytes) => (output += Buffer.from(bytes).toString());
      const { stops, equal, tasks } = await compareAll(debuggee);
      assert.ok(output.includes('[init] done'));
      assert.ok(stops > places.length * 10 && equal > stops / 2, `${equal} of ${stops} stops are equal`);
      assert.ok(tasks > 100, `${tasks} tasks`);
    });
  });
}

/** Compares at all places and counts. */
async function compareAll(debuggee: Debuggee): Promise<{ stops: number; equal: number; tasks: number }> {
  const { target } = debuggee;
  const left = new Map<bigint, number>();
  for (const place of places) {
    const resolution = await resolveSpec(debuggee, place);
    assert.ok(resolution.kind === 'resolved', place);
    for (const address of resolution.armed) left.set(address, MOST_HITS);
  }
  const counts = { stops: 0, equal: 0, tasks: 0 };
  for (;;) {
    target.setBreakpoints([...left].flatMap(([address, hits]) => (hits > 0 ? [address] : [])));
    const stop = await target.run({ kind: 'continue' });
    if (stop.kind !== 'breakpoint') return counts;
    left.set(stop.pc, left.get(stop.pc)! - 1);
    const hart = target.harts[stop.hart]!;
    if (compare(debuggee, trueWalk(debuggee, hart), callStack(debuggee, hart).walk, hart)) counts.equal++;
    if (counts.stops++ % BETWEEN_TASKS === 0) counts.tasks += compareTasks(debuggee, hart);
  }
}

/** True if the walks are equal. Fails where they differ in another way than frame records must. */
function compare(debuggee: Debuggee, truth: WalkResult, records: WalkResult, hart: TargetHart): boolean {
  const recorded = functionsOf(debuggee, truth, hart);
  const found = functionsOf(debuggee, records, hart);
  // It has jumped to start_kernel() and is over (R13), but the boot task's last record was written in it.
  if (found.at(-1) === '_start_kernel') found.pop();
  const both = `recorded: ${recorded.join(' ')}\nfound: ${found.join(' ')}`;
  assert.ok(truth.reliable, `${truth.verdict}\n${both}`);
  assert.ok(differsAsFrameRecordsMust(recorded, found, records.end.kind === 'error'), both);
  return recorded.length === found.length && recorded.every((name, index) => name === found[index]);
}

/**
 * Frame records tell nothing of the caller of a function that has none, or has none yet or any more, which only the one that runs or was
 * interrupted can be: that caller is missed, or the walk ends there (R9).
 */
function differsAsFrameRecordsMust(
  recorded: readonly string[],
  found: readonly string[],
  endedEarly: boolean,
): boolean {
  let at = 0;
  for (const [index, name] of found.entries()) {
    const mayHaveNoRecord = index === 1 || found[index - 1]?.endsWith(' (P)');
    if (recorded[at] !== name && mayHaveNoRecord) at++;
    if (recorded[at++] !== name) return false;
  }
  return at === recorded.length || (endedEarly && (found.length === 1 || found.at(-1)!.endsWith(' (P)')));
}

/** Compares the walks of all tasks that wait, and counts them: in schedule() all functions have their records. */
function compareTasks(debuggee: Debuggee, hart: TargetHart): number {
  const { kernel, target } = debuggee;
  const memory = memoryOf(hart);
  const running = target.harts.map((one) => kernel.currentTask(hartState(one), memory)?.address);
  const waiting = kernel.tasks(memory).filter(({ pid, address }) => pid !== 0 && !running.includes(address));
  for (const task of waiting) {
    const truth = trueWalkOf(debuggee, task, hart);
    assert.deepEqual(
      functionsOf(debuggee, truth, hart),
      functionsOf(debuggee, blockedStack(debuggee, task).walk, hart),
    );
    assert.ok(truth.reliable, truth.verdict);
  }
  return waiting.length;
}
