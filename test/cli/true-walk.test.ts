/** What the machine recorded in the sample kernel's situations, against what they are known to be. */
import assert from 'node:assert/strict';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { memoryOf } from '../../debug-adapter/debugger/harts';
import { launch } from '../../debug-adapter/debugger/launch';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import type { TargetHart } from '../../debug-adapter/target/target';
import type { WalkResult } from '../../debug-adapter/unwind/types';
import { elfPath, loadSituations, stackKinds, type Situation } from '../qemu/situations';
import { functionsOf, trueWalk, trueWalkOf } from '../true-walk.test-support';

/**
 * What frame records do not tell, by the situation's name: how many of the functions expected there are right, and those that come behind.
 * A function that keeps no frame pointer is no frame of theirs, and nothing is written before the MMU is on.
 */
const beyondRecords: Readonly<
  Record<string, { readonly after: string; readonly missing: readonly string[] }>
> = {
  'boot before the MMU': { after: 'relocate_enable_mmu', missing: ['_start_kernel'] },
  'timer interrupt over a compact leaf': {
    after: 'tour_compact_leaf',
    missing: [
      'tour_interrupted_leaf',
      'tour_kernel',
      'kernel_init',
      'ret_from_fork_kernel',
      'ret_from_fork_kernel_asm',
    ],
  },
  ...Object.fromEntries(
    [
      'page fault inside copy_from_user inside a system call',
      'interrupt inside a page fault inside a system call',
      'bad pointer refused in copy_from_user',
    ].map((name) => [name, { after: '__asm_copy_from_user', missing: ['copy_from_user'] }]),
  ),
};

async function reach(situation: Situation): Promise<{ debuggee: Debuggee; hart: TargetHart }> {
  const { firmware, smp, append, hit } = situation;
  const machine = { firmware, smp, append, maxInstructions: 100_000_000, recordCalls: true };
  const debuggee = await launch({ ...machine, program: elfPath(situation) }, createNodeFiles());
  const { target } = debuggee;
  const resolution = await resolveSpec(debuggee, situation.break);
  assert.ok(resolution.kind === 'resolved');
  target.setBreakpoints(resolution.armed);
  for (let hits = 1; ; hits++) {
    const stop = await target.run({ kind: 'continue' });
    assert.ok(stop.kind === 'breakpoint', 'was not reached');
    if (hits === hit) return { debuggee, hart: target.harts[stop.hart]! };
  }
}

function walk(debuggee: Debuggee, hart: TargetHart, { task: name }: Situation): WalkResult {
  if (name === undefined) return trueWalk(debuggee, hart);
  const task = debuggee.kernel.tasks(memoryOf(hart)).find(({ comm }) => comm === name);
  return task ? trueWalkOf(debuggee, task, hart) : assert.fail(`there is no task ${name}`);
}

function expected({ name, expect }: Situation): readonly string[] {
  const beyond = beyondRecords[name];
  if (!beyond) return expect.functions;
  const at = expect.functions.indexOf(beyond.after) + 1;
  return [...expect.functions.slice(0, at), ...beyond.missing, ...expect.functions.slice(at)];
}

describe('the true walk', function () {
  this.timeout(60_000);

  for (const situation of loadSituations()) {
    it(`${situation.elf}: ${situation.name}`, async () => {
      const { debuggee, hart } = await reach(situation);
      const result = walk(debuggee, hart, situation);
      const names = functionsOf(debuggee, result, hart);
      assert.deepEqual(
        names.map((name) => name.replace(' (P)', '')),
        expected(situation),
      );
      assert.ok(result.reliable, result.verdict);
      const traps = names.filter((name) => name.endsWith(' (P)'));
      assert.equal(traps.length, situation.expect.ptRegs, traps.join());
      assert.deepEqual(
        stackKinds(result.frames.map(({ stack }) => stack?.kind ?? null)),
        situation.expect.stacks,
      );
    });
  }
});
