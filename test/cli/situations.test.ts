import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import { renderCallStack } from '../../debug-adapter/cli/render';
import { sourceNames } from '../../debug-adapter/cli/source-paths';
import type { CallStack, Debuggee } from '../../debug-adapter/debugger/api';
import { blockedStack, callStack } from '../../debug-adapter/debugger/call-stack';
import { memoryOf } from '../../debug-adapter/debugger/harts';
import { describeHart } from '../../debug-adapter/debugger/threads';
import { launch } from '../../debug-adapter/debugger/launch';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import type { WalkChoice } from '../../debug-adapter/debugger/walks';
import type { TargetHart } from '../../debug-adapter/target/target';
import { assertGolden, goldenName } from '../golden';
import { elfPath, loadSituations, stackKinds, type Situation } from '../qemu/situations';

const root = join(__dirname, '..', '..');
const situations = loadSituations();

/** Situations of one machine are reached in one run of it. */
function machineOf({ elf, firmware, smp, append }: Situation): string {
  return `${elf}, ${smp} ${smp === 1 ? 'hart' : 'harts'}${append === '' ? '' : `, "${append}"`}, firmware ${firmware}`;
}

interface Reached {
  /** By the kernel's own rules, as QEMU and gdb see it (test/qemu). */
  readonly stack: CallStack;
  /** As it is shown by default, with R11. */
  readonly text: string;
}

/** Runs a machine and looks at each situation as it is reached. */
async function reachAll(wanted: readonly Situation[]): Promise<ReadonlyMap<string, Reached>> {
  const { firmware, smp, append } = wanted[0]!;
  const program = elfPath(wanted[0]!);
  const debuggee = await launch(
    { program, firmware, smp, append, maxInstructions: 500_000_000 },
    createNodeFiles(),
  );
  const waiting = await Promise.all(
    wanted.map(async (situation) => ({ situation, armed: await armed(debuggee, situation.break), hits: 0 })),
  );
  debuggee.target.setBreakpoints(waiting.flatMap((one) => one.armed));
  const reached = new Map<string, Reached>();
  while (reached.size < wanted.length) {
    const stop = await debuggee.target.run({ kind: 'continue' });
    if (stop.kind !== 'breakpoint') break;
    for (const one of waiting) {
      if (!one.armed.includes(stop.pc) || ++one.hits !== one.situation.hit) continue;
      reached.set(one.situation.name, await look(debuggee, debuggee.target.harts[stop.hart]!, one.situation));
    }
  }
  return reached;
}

async function armed(debuggee: Debuggee, spec: string): Promise<readonly bigint[]> {
  const resolution = await resolveSpec(debuggee, spec);
  return resolution.kind === 'resolved' ? resolution.armed : assert.fail(resolution.reason);
}

async function look(debuggee: Debuggee, hart: TargetHart, situation: Situation): Promise<Reached> {
  const stack = stackOf(debuggee, hart, situation, 'metadata');
  const shown = stackOf(debuggee, hart, situation, 'default');
  const source = await sourceNames(debuggee, [shown], root);
  const place = `${situation.break}, hit ${situation.hit}`;
  const who = situation.task === undefined ? describeHart(debuggee, hart) : `task ${situation.task}`;
  const head = [situation.name, machineOf(situation), `${place}: ${who}`, ''];
  return { stack, text: [...head, renderCallStack(shown, { source })].join('\n') };
}

function stackOf(
  debuggee: Debuggee,
  hart: TargetHart,
  { task: name }: Situation,
  walk: WalkChoice,
): CallStack {
  if (name === undefined) return callStack(debuggee, hart, walk);
  const task = debuggee.kernel.tasks(memoryOf(hart)).find(({ comm }) => comm === name);
  return task ? blockedStack(debuggee, task, walk) : assert.fail(`there is no task ${name}`);
}

for (const machine of new Set(situations.map(machineOf))) {
  const wanted = situations.filter((situation) => machineOf(situation) === machine);
  describe(`call stacks of ${machine}`, () => {
    let reached: ReadonlyMap<string, Reached>;

    before(async () => {
      reached = await reachAll(wanted);
    });

    for (const situation of wanted) {
      it(situation.name, () => {
        const { stack, text } = reached.get(situation.name) ?? assert.fail('was not reached');
        const { expect } = situation;
        const functions = stack.rows.flatMap((row) =>
          row.kind === 'frame' ? [row.location.symbol ?? row.text] : [],
        );
        assert.deepEqual(functions, expect.functions);
        const { end, reliable, frames } = stack.walk;
        assert.equal(end.kind === 'final' ? 'FINAL' : 'error', expect.end);
        if (expect.rule !== undefined) assert.equal(end.rule, expect.rule);
        assert.equal(frames.filter(({ mark }) => mark === 'P').length, expect.ptRegs);
        assert.deepEqual(stackKinds(frames.map((frame) => frame.stack?.kind ?? null)), expect.stacks);
        assert.equal(reliable, expect.reliable);
        assertGolden(`cli/${goldenName(situation.name)}`, text);
      });
    }
  });
}
