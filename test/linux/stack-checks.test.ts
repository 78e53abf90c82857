/** The checks of the stack at traps (exception filters), at every trap that Linux takes from the kernel in a whole run. */
import assert from 'node:assert/strict';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import { launch } from '../../debug-adapter/debugger/launch';
import { cannotUnwind, overwrittenRecord, reservedType } from '../../debug-adapter/debugger/stack-checks';
import { noHandler, parked, trapLoop } from '../../debug-adapter/debugger/unhandled-traps';
import { fetchTroubles, wildExecution } from '../../debug-adapter/debugger/wild-execution';
import { isInterrupt } from '../../debug-adapter/unwind/trap-cause';
import { linuxInitrd, linuxKernel } from './linux.test-support';

const all = (1n << 64n) - 1n;

for (const smp of [1, 4]) {
  describe(`checks of the stack at the traps of Linux on ${smp} hart${smp === 1 ? '' : 's'}`, function () {
    this.timeout(300_000);

    it('find nothing, as the kernel is healthy', async function () {
      const program = linuxKernel(this, 'metadata');
      const options = { append: 'console=ttyS0', smp, memory: '256M', maxInstructions: 300_000_000 };
      const debuggee = await launch(
        { ...options, program, initrd: linuxInitrd, recordCalls: true },
        createNodeFiles(),
      );
      const { target } = debuggee;
      target.setTrapFilter({ exceptionsFromKernel: all, exceptionsFromUser: 0n, interrupts: all });
      const found = new Map<string, number>();
      let traps = 0;
      for (;;) {
        const stop = await target.run({ kind: 'continue' });
        if (stop.kind !== 'trap') break;
        if (stop.trap.from === 'user') continue;
        traps++;
        const hart = target.harts[stop.trap.hart]!;
        const checks = [cannotUnwind, reservedType, overwrittenRecord, noHandler, parked, trapLoop];
        const fetches = (fetchTroubles >> (stop.trap.cause & 63n)) & 1n && !isInterrupt(stop.trap.cause);
        for (const check of fetches ? [...checks, wildExecution] : checks) {
          const sentence = check(debuggee, hart, stop.trap);
          if (sentence !== undefined) found.set(sentence, (found.get(sentence) ?? 0) + 1);
        }
      }
      assert.ok(traps > 300, `${traps} traps`);
      assert.deepEqual([...found], []);
    });
  });
}
