/** What the page tables of the sample kernel map: our list beside QEMU's `info mem`, and walks beside its `gva2gpa`. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { DapClient } from '../dap/dap-client.test-support';
import { freePort, missingTools } from './qemu-walk';
import { sampleKernel } from './situations';

const elf = join(sampleKernel, 'prebuilt/sample-metadata.elf');
/** In a kernel thread, and in a system call of a process. */
const stops = ['tour_kernel', '__asm_copy_from_user'];
/** Not of user pages: there QEMU asks for rights as well. */
const addresses = ['0xffffffff80001234', '0xffffffc800008008', '0xffffffff80400000', '0x20000000'];

/** Rows `virtual physical size flags` in hexadecimal, and physical addresses, at each stop. */
interface Seen {
  readonly ranges: readonly string[];
  readonly physical: readonly (string | undefined)[];
}

async function onQemu(): Promise<readonly Seen[]> {
  const port = await freePort();
  const qemu = spawn('qemu-system-riscv64', [
    ...['-M', 'virt', '-display', 'none', '-serial', 'null', '-monitor', 'none', '-S', '-smp', '1'],
    ...['-gdb', `tcp:127.0.0.1:${port}`, '-kernel', elf],
  ]);
  const end = () => qemu.kill('SIGKILL');
  process.once('exit', end);
  try {
    const questions = ['monitor info mem', ...addresses.map((address) => `monitor gva2gpa ${address}`)];
    const script = [
      `target remote 127.0.0.1:${port}`,
      ...stops.flatMap((stop) => [`thbreak *&${stop}`, 'continue', 'echo ==stop\\n', ...questions]),
    ];
    const output = await new Promise<string>((resolve) => {
      // What the monitor says goes another way than what gdb echoes: both in one stream keep their order.
      const gdb = ['-c', 'exec gdb-multiarch "$@" 2>&1', 'sh', '-nx', '-batch'];
      const commands = [...script.flatMap((line) => ['-ex', line]), elf];
      execFile('sh', [...gdb, ...commands], { timeout: 60_000 }, (_error, stdout) => resolve(stdout));
    });
    return output
      .split('==stop\n')
      .slice(1)
      .map((text) => ({
        ranges: [...text.matchAll(/^([\da-f]{16}) ([\da-f]{16}) ([\da-f]{16}) ([a-z-]{7})$/gm)].map(
          ([, virtual, physical, size, flags]) =>
            row(`0x${virtual!}`, `0x${physical!}`, BigInt(`0x${size!}`), flags!),
        ),
        physical: [...text.matchAll(/^(?:gpa: (0x[\da-f]+)|Unmapped)$/gm)].map(([, found]) => found),
      }));
  } finally {
    process.off('exit', end);
    end();
  }
}

const row = (virtual: string, physical: string, size: bigint, flags: string): string =>
  `${BigInt(virtual).toString(16)} ${BigInt(physical).toString(16)} ${size.toString(16)} ${flags}`;

const units = { KiB: 10n, MiB: 20n, GiB: 30n } as const;

async function onOurs(): Promise<readonly Seen[]> {
  const client = DapClient.inProcess();
  try {
    await client.launch({ program: elf }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: stops.map((name) => ({ name: `${name}+0` })) }),
    );
    const seen: Seen[] = [];
    for (const stop of stops) {
      do {
        if (seen.length > 0) await client.send('continue', { threadId: 1 });
        await client.stopped();
      } while (!(await top(client)).startsWith(`${stop}+0x0/`));
      const { result } = await client.send('evaluate', { expression: 'info mappings', context: 'repl' });
      const physical = addresses.map((address) => client.send('riscvUnwind/walkAddress', { address }));
      seen.push({
        ranges: [...result.matchAll(/^(0x\w+) +(0x\w+) +(\d+) (KiB|MiB|GiB) +V (\S+)/gm)].map(
          ([, from, to, count, unit, flags]) =>
            row(from!, to!, BigInt(count!) << units[unit as keyof typeof units], flags!.toLowerCase()),
        ),
        physical: (await Promise.all(physical)).map((walk) => walk.physical),
      });
    }
    return seen;
  } finally {
    await client.send('disconnect');
    client.close();
  }
}

async function top(client: DapClient): Promise<string> {
  return (await client.send('stackTrace', { threadId: 1 })).stackFrames[0]!.name;
}

describe('page tables on QEMU and here', function () {
  this.timeout(90_000);

  before(function () {
    const missing = missingTools();
    if (missing === undefined) return;
    this.test!.parent!.title += ` (skipped: ${missing})`;
    this.skip();
  });

  it('map the same ranges with the same flags, and translate addresses alike', async () => {
    const theirs = await onQemu();
    assert.equal(theirs.length, stops.length);
    assert.ok(theirs.every(({ ranges }) => ranges.length > 30));
    assert.deepEqual(await onOurs(), theirs);
  });
});
