/** Values of parameters and variables, in all frames and inlined functions, beside those that gdb prints of the same kernel in QEMU. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import { launch } from '../../debug-adapter/debugger/launch';
import { skipByName } from '../linux/linux.test-support';
import { addressesOf, gdbValues, ownValues, pairsOf, unknown } from './frame-values';
import { missingTools } from './qemu-walk';
import { sampleKernel } from './situations';

const elf = join(sampleKernel, 'prebuilt/sample-metadata.elf');
const timeout = 60_000;

/** Functions that one boot calls first in the same way whatever the time is. */
const places = [
  ...['sched_init', 'smp_call_function_single', 'do_page_fault', 'copy_to_user', 'copy_from_user'],
  ...['do_anonymous_page', 'alloc_page', 'alloc_stack', 'copy_process', 'copy_thread', 'console_write'],
  ...['do_trap_ecall_u', 'do_read_fault', 'append_number', 'command_line_has'],
];

describe('variables of the sample kernel', function () {
  this.timeout(2 * timeout);

  it('are those that gdb sees in QEMU, in each frame and inlined function', async function () {
    const missing = missingTools();
    if (missing !== undefined) return skipByName(this, missing);
    const debuggee = await launch({ program: elf, maxInstructions: 300_000_000 }, createNodeFiles());
    const addresses = await addressesOf(debuggee, places);
    const machine = { elf, options: ['-kernel', elf] };
    const [theirs, ours] = await Promise.all([gdbValues(machine, addresses), ownValues(debuggee, addresses)]);
    let compared = 0;
    let optimizedOut = 0;
    let unavailable = 0;
    for (const { where, name, value, own } of pairsOf(places, addresses, { theirs, ours })) {
      if (own === unknown) unavailable++;
      else {
        assert.equal(own, value, `${where}: ${name}`);
        compared++;
        if (value === 'optimized out') optimizedOut++;
      }
    }
    assert.ok(
      compared > 100 && unavailable < 20,
      `${compared} compared, ${optimizedOut} of them optimized out, ${unavailable} more not known`,
    );
  });
});
