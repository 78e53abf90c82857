import { existsSync, readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { readKernelFile } from '../../debug-adapter/image/kernel-file';
import type { BootImage } from '../../emulator/api';
import { chromiumFlags, chromiumPath } from '../chromium';
import { runGuests, type GuestRun } from './guest-runs';

const root = join(__dirname, '../..');

/** The sample kernel, as plain data that a page can be given. */
function kernel() {
  const file = readFileSync(join(root, 'sample-kernel/prebuilt/sample-metadata.elf'));
  const { segments, entry } = readKernelFile(file).image;
  return {
    segments: segments.map(({ physicalAddress, data, memorySize }) => ({
      address: Number(physicalAddress),
      data: [...data],
      memorySize,
    })),
    entry: Number(entry),
  };
}

async function workerScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, 'guest-worker.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
  });
  return outputFiles[0]!.text;
}

/** What the browser's worker answers. */
async function runInChromium(script: string, image: ReturnType<typeof kernel>): Promise<GuestRun[]> {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  try {
    const page = await browser.newPage();
    // Runs in the page, whose API Node's types do not have.
    const answer = await page.evaluate(
      `(async ({ script, image }) => {
        const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
        const answer = new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        });
        const segments = image.segments.map((segment) => ({ ...segment, data: Uint8Array.from(segment.data) }));
        worker.postMessage({ ...image, segments });
        return answer;
      })(${JSON.stringify({ script, image })})`,
    );
    return answer as GuestRun[];
  } finally {
    await browser.close();
  }
}

describe('the emulator in Chromium', function () {
  this.timeout(120_000);

  before(function () {
    if (existsSync(chromiumPath)) return;
    this.test!.title = `no browser at ${chromiumPath}: install chromium, or set CHROMIUM`;
    this.skip();
  });

  it("translates in a browser's worker, and leaves the state that the interpreter leaves in Node", async () => {
    const image = kernel();
    const here: BootImage = {
      ...image,
      segments: image.segments.map((segment) => ({ ...segment, data: Uint8Array.from(segment.data) })),
    };
    const there = await runInChromium(await workerScript(), image);
    const facts = ({ name, digest, instructions }: GuestRun) => ({ name, digest, instructions });
    assert.deepEqual(there.map(facts), runGuests(here, false).map(facts));
    for (const { name, translated } of there) assert.ok(translated > 0, `${name}: nothing was translated`);
  });
});
