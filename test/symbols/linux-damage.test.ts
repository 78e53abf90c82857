/**
 * A whole kernel with damage in its headers, symbols and debug sections, launched and asked as a session does: the answer is a
 * result or a sentence of ours. In a thread of its own, which a hang or a lack of memory ends instead of the tests.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { linuxFolder, linuxKernel } from '../linux/linux.test-support';
import type { DamageReport, DamageWork } from './kernel-damage.worker';

const seeds = Array.from({ length: 40 }, (_, seed) => seed);
/** Far more than any of them needs, also on a busy machine: a hang, not slowness. */
const longestMilliseconds = 120_000;
/** Of objects and strings; the file itself and other buffers are counted apart. */
const mostMegabytes = 300;
const mostBufferBytes = 400 * 2 ** 20;

interface Outcomes {
  readonly read: number;
  readonly refused: number;
  readonly buffers: number;
}

/** Rejects with the seed of the damage that was too much, or that made it throw. */
function debugAll(script: string, work: DamageWork): Promise<Outcomes> {
  const outcomes = { read: 0, refused: 0, buffers: 0 };
  let current = 'the file as it is';
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, {
      workerData: work,
      resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
    });
    const fail = (what: string) => reject(new Error(`${current}: ${what}`));
    const hang = () => {
      fail('it has not ended');
      void worker.terminate();
    };
    let watchdog = setTimeout(hang, longestMilliseconds);
    worker.on('message', (report: DamageReport) => {
      clearTimeout(watchdog);
      watchdog = setTimeout(hang, longestMilliseconds);
      if (report.kind === 'begin') {
        current = `seed ${report.seed}, ${report.description}`;
      } else {
        outcomes[report.outcome]++;
        outcomes.buffers = Math.max(outcomes.buffers, report.arrayBuffers);
      }
    });
    worker.on('error', (error) => fail(error.stack ?? String(error)));
    worker.on('exit', () => {
      clearTimeout(watchdog);
      resolve(outcomes);
    });
  });
}

describe('a damaged vmlinux', function () {
  this.timeout(seeds.length * longestMilliseconds);
  let kernel: string;
  let folder: string;

  before(function () {
    kernel = linuxKernel(this, 'metadata');
    folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-damage-'));
  });

  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  it('is refused with a sentence or debugged as far as it goes, in bounded memory', async () => {
    const script = join(folder, 'worker.js');
    await build({
      entryPoints: [join(import.meta.dirname, 'kernel-damage.worker.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'warning',
    });
    const work = { kernel, sources: join(linuxFolder, 'src'), seeds };
    const { read, refused, buffers } = await debugAll(script, work);
    assert.equal(read + refused, seeds.length);
    assert.ok(read > seeds.length / 2 && refused > 0, `${read} read, ${refused} refused`);
    assert.ok(buffers < mostBufferBytes, `${buffers} bytes of buffers`);
  });
});
