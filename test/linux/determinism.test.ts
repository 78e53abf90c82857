/** The state of a machine that runs Linux does not depend on how the run is sliced, what of it is translated, nor whether calls are recorded. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { BootImage } from '../../emulator/api';
import { Machine } from '../../emulator/machine';
import { readKernelFile } from '../../debug-adapter/image/kernel-file';
import { linuxInitrd, linuxKernel } from './linux.test-support';

const INSTRUCTIONS = 50_000_000;

describe('a machine that runs Linux', function () {
  this.timeout(180_000);

  for (const harts of [1, 4]) {
    it(`is the same after 50 million instructions however they are sliced and translated, ${harts} hart(s)`, function () {
      const image = bootImage(readFileSync(linuxKernel(this, 'metadata')));
      const initrd = new Uint8Array(readFileSync(linuxInitrd));
      // Two consoles with much to print, so that the guest does not end before.
      const append = 'console=ttyS0 console=hvc0 loglevel=8 initcall_debug';
      const results = runs.map(({ slice, translate, recordCalls = false, stepsPerInstruction }) => {
        const config = { image, initrd, append, harts, memory: 64 << 20, translate, recordCalls };
        const machine = new Machine(config, stepsPerInstruction);
        for (let turn = 0; machine.instructions < INSTRUCTIONS && !machine.exit; turn++) {
          machine.run({ budget: Math.min(slice(turn), INSTRUCTIONS - machine.instructions) });
        }
        const { inRegions = 0, interpreted = 0 } = machine.translation ?? {};
        if (translate)
          assert.ok(inRegions > interpreted / 20, `${inRegions} of ${interpreted} samples translated`);
        return { instructions: machine.instructions, time: machine.time, digest: machine.digest() };
      });
      assert.equal(results[0]!.instructions, INSTRUCTIONS);
      for (const result of results) assert.deepEqual(result, results[0]);
    });
  }
});

interface Run {
  /** Budget of a turn. */
  readonly slice: (turn: number) => number;
  readonly translate: boolean;
  readonly recordCalls?: boolean;
  readonly stepsPerInstruction?: number;
}

const runs: readonly Run[] = [
  { slice: () => INSTRUCTIONS, translate: false },
  // Sooner than it pays: what is translated is to be a good part.
  { slice: () => 1_000_000, translate: true, stepsPerInstruction: 500 },
  { slice: (turn) => 1 + ((turn * 7919) % 100_003), translate: false, recordCalls: true },
  { slice: (turn) => 1 + ((turn * 7919) % 50_021), translate: true, stepsPerInstruction: 20 },
];

function bootImage(vmlinux: Uint8Array): BootImage {
  const { segments, entry } = readKernelFile(vmlinux).image;
  return {
    entry: Number(entry),
    segments: segments.map(({ physicalAddress, data, memorySize }) => ({
      address: Number(physicalAddress),
      data,
      memorySize,
    })),
  };
}
