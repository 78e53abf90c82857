/** Data breakpoints beside gdb's watchpoints on QEMU: the same accesses, seen behind the same instructions, with the same values. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DapClient } from '../dap/dap-client.test-support';
import { linuxInitrd, linuxKernel, skipByName } from '../linux/linux.test-support';
import { gdbAccesses, type SeenAccess, type WatchCase } from './gdb-watch';
import { linuxImage } from './linux-image';
import { missingTools } from './qemu-walk';
import { sampleKernel } from './situations';

const sample = join(sampleKernel, 'prebuilt/sample-metadata.elf');

async function ourAccesses(
  launch: Record<string, unknown>,
  place: string,
  { command, variable, hits }: WatchCase,
): Promise<readonly SeenAccess[]> {
  const client = DapClient.inProcess();
  const evaluate = async (expression: string) =>
    (await client.send('evaluate', { expression, context: 'repl' })).result;
  try {
    await client.launch(launch, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name: `${place}+0` }] }),
    );
    await client.stopped();
    await client.send('setFunctionBreakpoints', { breakpoints: [] });
    await evaluate(`${command} ${variable}`);
    const seen: SeenAccess[] = [];
    for (let hit = 0; hit < hits; hit++) {
      await client.send('continue', { threadId: 1 });
      const { reason, description } = await client.stopped();
      assert.equal(reason, 'data breakpoint', description);
      const [, old, now] = /written: (0x\w+) → (0x\w+) by/.exec(description!) ?? [];
      const pc = /^0x\w+/.exec(await evaluate('$pc'))![0];
      const value = Number.parseInt(await evaluate(`(long)${variable}`), 10);
      if (now !== undefined) assert.equal(Number(now), value);
      seen.push(`${pc} ${old === now ? 'is' : 'changed to'} ${value}`);
    }
    return seen;
  } finally {
    await client.send('disconnect');
    client.close();
  }
}

describe("data breakpoints and gdb's watchpoints on QEMU", function () {
  this.timeout(120_000);

  before(function () {
    const missing = missingTools();
    if (missing !== undefined) skipByName(this, missing);
  });

  it('see the same accesses in the sample kernel', async () => {
    const cases: readonly WatchCase[] = [
      { command: 'watch', variable: 'last_pid', hits: 8 },
      { command: 'rwatch', variable: 'last_pid', hits: 8 },
      { command: 'awatch', variable: 'last_pid', hits: 12 },
      { command: 'awatch', variable: 'nr_free_stacks', hits: 20 },
    ];
    const options = ['-smp', '1', '-kernel', sample];
    const theirs = await gdbAccesses({ elf: sample, options }, 'rest_init', cases);
    for (const [index, one] of cases.entries()) {
      const ours = await ourAccesses({ program: sample }, 'rest_init', one);
      assert.deepEqual(ours, theirs[index], `${one.command} ${one.variable}`);
    }
  });

  it('see the same accesses in Linux', async function () {
    const program = linuxKernel(this, 'metadata');
    const image = linuxImage(program);
    if (image === undefined) return skipByName(this, 'riscv64-linux-gnu-objcopy not installed');
    const cases: readonly WatchCase[] = [
      { command: 'watch', variable: 'system_state', hits: 3 },
      { command: 'rwatch', variable: 'system_state', hits: 12 },
      { command: 'watch', variable: 'nr_threads', hits: 8 },
      { command: 'awatch', variable: 'total_forks', hits: 10 },
    ];
    const append = 'console=ttyS0';
    const options = ['-smp', '1', '-m', '256M', '-kernel', image, '-initrd', linuxInitrd, '-append', append];
    const theirs = await gdbAccesses({ elf: program, options }, 'start_kernel', cases);
    const machine = { program, initrd: linuxInitrd, append, memory: '256M', maxInstructions: 300_000_000 };
    for (const [index, one] of cases.entries()) {
      const ours = await ourAccesses(machine, 'start_kernel', one);
      assert.deepEqual(ours, theirs[index], `${one.command} ${one.variable}`);
    }
  });
});
