import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { runProcess } from './process-run';

const node = (script: string) => runProcess(process.execPath, ['-e', script]);

describe('the measurement of a process', function () {
  this.timeout(60_000);
  before(function () {
    if (!existsSync('/bin/sh')) this.skip(); // Needs a POSIX shell.
  });

  it('has its output, and its time with that of the processor', async () => {
    const run = await node(
      'const end = process.cpuUsage().user + 5e5; while (process.cpuUsage().user < end); console.log("out"); console.error("err")',
    );
    assert.deepEqual([run.stdout, run.stderr], ['out\n', 'err\n']);
    assert.ok(run.cpuSeconds >= 0.45, `${run.cpuSeconds}`);
    assert.ok(run.seconds >= 0.45, `${run.seconds}`);
  });

  it('has no processor time for what only waits', async () => {
    const { seconds, cpuSeconds } = await node('setTimeout(() => 0, 2000)');
    assert.ok(seconds >= 2 && cpuSeconds < 1.5, `${seconds} ${cpuSeconds}`);
  });

  it('has the most memory that the process had', async function () {
    if (!existsSync('/proc/self/status')) this.skip(); // Needs Linux.
    const run = await node('Buffer.alloc(200 << 20, 1); setTimeout(() => 0, 1000)');
    assert.ok(run.residentMegabytes > 200, `${run.residentMegabytes}`);
  });

  it('fails with what the process said when its exit status is not 0', async () => {
    await assert.rejects(node('console.error("no such thing"); process.exit(3)'), /status 3: no such thing/);
  });
});
