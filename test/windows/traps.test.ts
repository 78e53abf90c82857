/** Each trap that a kernel takes in a run: what it interrupted, its record, and the walk from there, beside what happened. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { LaunchOptions } from '../../debug-adapter/debugger/api';
import { launch } from '../../debug-adapter/debugger/launch';
import { guestInitrd } from '../linux/guest-initrd.test-support';
import { linuxInitrd, linuxKernel } from '../linux/linux.test-support';
import { Boot } from './boot.test-support';

const machine = { memory: '256M', maxInstructions: 300_000_000, recordCalls: true };

/** All reasons there are on Linux for a walk that is not what happened. */
const windows = ['assembly without CFI', 'before the first record', 'tail jump'];

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
      assert.deepEqual([...shown.windows.keys()].sort(), windows, JSON.stringify([...shown.windows]));
      assert.ok(shown.equal > strict.equal, `${shown.equal} and ${strict.equal} of ${shown.walks}`);
      assert.ok(shown.windows.get('assembly without CFI')! < shown.walks / 10);
    });
  });
}

describe('each trap that Linux takes in a run of over 1,500, with harts that go and come back', function () {
  this.timeout(300_000);
  const smp = 4;
  /** Init takes one processor away and back so many times. */
  const restarts = 3;

  it('has the record that SPP says, and a walk that is what happened or differs in a known window', async function () {
    const program = linuxKernel(this, 'metadata');
    const folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-traps-'));
    try {
      const initrd = join(folder, 'initrd.cpio');
      writeFileSync(initrd, guestInitrd(this));
      const { traps, records, shown } = await boot({ program, smp, initrd, append: 'console=ttyS0 WORK=1' });
      assert.ok(traps.user > 1200 && traps.kernel > 600, JSON.stringify(traps));
      // A hart turns its MMU on each time that it starts, by a fault that does not lead to handle_exception.
      assert.deepEqual(records, { final: traps.user, ptRegs: traps.kernel - smp - restarts });
      assert.deepEqual([...shown.windows.keys()].sort(), windows, JSON.stringify([...shown.windows]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
