/**
 * The walk by call frame information on real kernels, at every stop of whole runs. The metadata walk follows frame records, and
 * call frame information only where they cannot tell: what both find, two methods have found.
 */
import assert from 'node:assert/strict';
import { hartOfKernel, hartState, memoryOf } from '../../debug-adapter/debugger/harts';
import { locate } from '../../debug-adapter/debugger/location';
import { walkCfi } from '../../debug-adapter/unwind/cfi-walk';
import { walkLegacy } from '../../debug-adapter/unwind/legacy-walk';
import { walkMetadata } from '../../debug-adapter/unwind/metadata-walk';
import { linuxInitrd, linuxKernel } from '../linux/linux.test-support';
import { cfiInput, describeWalk, rowsOf, visitStops, type Stop } from './stops.test-support';

const specs = ['start_kernel', 'kswapd', 'ksys_write', 'handle_mm_fault', 'hrtimer_interrupt', 'do_exit'];

/** A run of Linux to its end. */
function visitLinux(program: string, smp: number, onStop: (stop: Stop) => void): Promise<number> {
  const machine = {
    append: 'console=ttyS0 norandmaps',
    smp,
    memory: '256M',
    maxInstructions: 300_000_000,
  };
  return visitStops({ ...machine, program, initrd: linuxInitrd }, specs, onStop);
}

/** The only other end there is: assembly that has been interrupted, and that has no call frame information. */
function assertEndsWhereAssemblyBegins({ debuggee, hart, walk }: Stop): void {
  const { symbol, source } = locate(debuggee, walk.frames.at(-1)!.pc, {
    bare: false,
    isReturnAddress: false,
  });
  assert.deepEqual(
    [walk.frames.at(-1)!.mark, walk.end.rule],
    ['P', 'R11'],
    describeWalk(debuggee, hart, walk),
  );
  assert.match(walk.end.reason, /^no call frame information for 0x/);
  assert.match(source!.file, /\.S$/, symbol);
}

for (const smp of [1, 4]) {
  describe(`the walk by call frame information, of Linux on ${smp} hart${smp === 1 ? '' : 's'}`, function () {
    this.timeout(300_000);

    it('has the rows of the metadata walk with R11, wherever there is call frame information', async function () {
      const path = linuxKernel(this, 'metadata');
      const seen = { same: 0, liveRa: 0, assembly: 0 };
      const stops = await visitLinux(path, smp, (stop) => {
        const { debuggee, hart, input, walk } = stop;
        if (walk.end.kind === 'error') {
          seen.assembly++;
          assertEndsWhereAssemblyBegins(stop);
          return;
        }
        const metadata = walkMetadata(input);
        const say = () =>
          `${describeWalk(debuggee, hart, walk)}\n\n${describeWalk(debuggee, hart, metadata)}`;
        assert.deepEqual(rowsOf(walk), rowsOf(metadata), say());
        assert.deepEqual([walk.end.rule, walk.end.ptRegs], ['R7', metadata.end.ptRegs], say());
        seen.same++;
        if (walk.frames.some(({ mark }) => mark === 'L')) seen.liveRa++;
      });
      assert.ok(stops > 200, `${stops} stops`);
      assert.ok(seen.liveRa > 10 && seen.assembly < stops / 10, JSON.stringify(seen));
    });
  });
}

describe('the walk by call frame information of Linux (stock)', function () {
  this.timeout(300_000);

  it('leaves the IRQ stack, where the legacy walk cannot, and reaches the start of the task', async function () {
    const path = linuxKernel(this, 'stock');
    const seen = { same: 0, left: 0, assembly: 0 };
    const stops = await visitLinux(path, 1, (stop) => {
      const { debuggee, hart, input, walk } = stop;
      if (walk.end.kind === 'error') {
        seen.assembly++;
        assertEndsWhereAssemblyBegins(stop);
        return;
      }
      const say = describeWalk(debuggee, hart, walk);
      assert.equal(walk.end.rule, 'R7', say);
      const legacy = walkLegacy(input);
      if (legacy.end.rule === 'legacy (d)') {
        seen.left++;
        // The legacy walk ends with call_on_irq_stack.
        const shared = legacy.frames.length;
        assert.deepEqual(rowsOf(walk).slice(0, shared), rowsOf(legacy), say);
        assert.ok(walk.frames.length > shared, say);
        assert.deepEqual(
          [walk.frames[shared - 1]!.stack?.kind, walk.frames[shared]!.stack?.kind],
          ['irq', 'task'],
          say,
        );
      } else if (walk.frames.every(({ mark }) => mark === 'C')) {
        seen.same++;
        assert.deepEqual(rowsOf(walk), rowsOf(legacy), say);
      }
    });
    assert.ok(
      seen.left > 50 && seen.same > 50 && seen.assembly < stops / 10,
      JSON.stringify({ stops, seen }),
    );
  });

  it('finds how the tasks that wait have come there', async function () {
    for (const build of ['stock', 'metadata'] as const) {
      const path = linuxKernel(this, build);
      let compared = 0;
      let stop = 0;
      await visitLinux(path, 2, ({ debuggee }) => {
        if (++stop % 40 !== 0) return;
        const hart = hartOfKernel(debuggee);
        const { kernel, target } = debuggee;
        const running = target.harts.map((one) => kernel.currentTask(hartState(one), memoryOf(one))?.address);
        for (const task of kernel.tasks(memoryOf(hart))) {
          if (running.includes(task.address)) continue;
          const context = kernel.blockedContext(task, memoryOf(hart));
          const input = cfiInput(debuggee, context, hart);
          const walk = walkCfi(input);
          const other = build === 'stock' ? walkLegacy(input) : walkMetadata(input);
          const say = `${task.comm}\n${describeWalk(debuggee, hart, walk)}\n\n${describeWalk(debuggee, hart, other)}`;
          assert.deepEqual([walk.end.kind, walk.end.rule], ['final', 'R7'], say);
          assert.deepEqual(rowsOf(walk), rowsOf(other), say);
          compared++;
        }
      });
      assert.ok(compared > 50, `${compared} tasks`);
    }
  });
});
