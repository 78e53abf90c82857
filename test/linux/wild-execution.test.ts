/** Linux executes nothing but its text: with the filter on, whole boots stop nowhere, and what is made to go elsewhere stops before it executes. */
import assert from 'node:assert/strict';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { LaunchOptions } from '../../debug-adapter/debugger/api';
import { launch } from '../../debug-adapter/debugger/launch';
import { explainStray, textOf } from '../../debug-adapter/debugger/stray';
import type { TargetStop } from '../../debug-adapter/target/target';
import { linuxInitrd, linuxKernel, modulesInitrd } from './linux.test-support';

/** Boots to the machine's end; what stops it before. */
async function boot(
  program: string,
  options: Partial<LaunchOptions>,
  isJudged: boolean,
): Promise<{ stop: TargetStop; instructions: number; ranges: readonly number[] }> {
  const debuggee = await launch(
    { program, append: 'console=ttyS0', memory: '256M', initrd: linuxInitrd, ...options },
    createNodeFiles(),
  );
  const { target } = debuggee;
  const ranges: number[] = [];
  const arm = (): void => {
    const text = textOf(debuggee);
    assert.ok(text);
    ranges.push(text.physical.length);
    if (isJudged) target.setText(text);
  };
  arm();
  debuggee.boot.onChange = arm;
  target.onWaiting = () => target.pause();
  const stop = await target.run({ kind: 'continue' });
  const where = stop.kind === 'stray' ? explainStray(stop, debuggee).text : stop.kind;
  assert.notEqual(stop.kind, 'stray', where);
  return { stop, instructions: target.instructions, ranges };
}

describe('wild execution on Linux', function () {
  this.timeout(170_000);

  for (const build of ['metadata', 'stock'] as const) {
    it(`is nowhere in a boot of ${build} to its end, which takes as many instructions as without a look at it`, async function () {
      const program = linuxKernel(this, build);
      const judged = await boot(program, {}, true);
      const other = await boot(program, {}, false);
      assert.equal(judged.stop.kind, 'exit');
      assert.equal(judged.instructions, other.instructions);
      // Init text is none in the end.
      assert.ok(judged.ranges.at(-1)! < judged.ranges[0]!);
    });
  }

  it('is nowhere where several harts boot', async function () {
    const program = linuxKernel(this, 'stock');
    const { stop } = await boot(program, { smp: 3 }, true);
    assert.equal(stop.kind, 'exit');
  });

  it('is nowhere where modules are loaded', async function () {
    const program = linuxKernel(this, 'modules');
    await boot(program, { initrd: modulesInitrd }, true);
  });
});
