/** Each trap that a kernel takes in a run: what it interrupted, its record, and the walk from there, beside what happened. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { LaunchOptions } from '../../debug-adapter/debugger/api';
import { launch } from '../../debug-adapter/debugger/launch';
import { linuxInitrd, linuxKernel } from '../linux/linux.test-support';
import { Boot } from './boot.test-support';

const machine = { memory: '256M', maxInstructions: 300_000_000, recordCalls: true };

/** Runs to the end, where the first unexplained difference fails, and the first record whose type is not what SPP says. */
async function boot(options: Omit<LaunchOptions, 'memory'>): Promise<Boot> {
  const run = new Boot(await launch({ ...machine, ...options }, createNodeFiles()));
  await run.run();
  return run;
}

describe('each trap that the sample kernel takes', function () {
  this.timeout(120_000);

  it('has the record that SPP says, and walks that are what happened, with R11 but for assembly', async () => {
    const program = join(import.meta.dirname, '../../sample-kernel/prebuilt/sample-metadata.elf');
    const { traps, records, shown } = await boot({ program, smp: 2 });
    assert.ok(traps.user > 50 && traps.kernel > 10, JSON.stringify(traps));
    assert.ok(shown.equal > traps.user, JSON.stringify(shown));
    // The fault with which the MMU is turned on, on each hart, does not lead to handle_exception.
    assert.deepEqual(records, { final: traps.user, ptRegs: traps.kernel - 2 });
  });
});

for (const [smp, least] of [
  [1, 750],
  [2, 900],
  [4, 1000],
] as const) {
  describe(`each trap that Linux takes on ${smp} hart${smp === 1 ? '' : 's'}`, function () {
    this.timeout(300_000);
    let linux: Boot;

    before(async function () {
      const program = linuxKernel(this, 'metadata');
      const options = { program, smp, initrd: linuxInitrd, append: 'console=ttyS0 norandmaps' };
      linux = await boot(options);
    });

    it('has the record that SPP says', () => {
      const { traps, records } = linux;
      assert.ok(traps.user + traps.kernel > least, JSON.stringify(traps));
      // The fault with which the MMU is turned on, on each hart, does not lead to handle_exception.
      assert.deepEqual(records, { final: traps.user, ptRegs: traps.kernel - smp });
    });

    it('has walks that are what happened, with R11 but for assembly and a function that was jumped to', () => {
      const { strict, shown } = linux;
      assert.deepEqual(
        [...shown.windows.keys()].sort(),
        ['assembly without CFI', 'before the first record', 'tail jump'],
        JSON.stringify([...shown.windows]),
      );
      assert.ok(shown.equal > strict.equal, `${shown.equal} and ${strict.equal} of ${shown.walks}`);
      assert.ok(shown.windows.get('assembly without CFI')! < shown.walks / 10);
    });
  });
}
