/** The state of a machine that runs Linux does not depend on how the run is sliced. */
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
    it(`is the same after 50 million instructions however they are sliced, ${harts} hart(s)`, function () {
      const image = bootImage(readFileSync(linuxKernel(this, 'metadata')));
      const initrd = new Uint8Array(readFileSync(linuxInitrd));
      // Two consoles with much to print, so that the guest does not end before.
      const append = 'console=ttyS0 console=hvc0 loglevel=8 initcall_debug';
      const results = slicings.map((slice) => {
        const machine = new Machine({ image, initrd, append, harts, memory: 64 << 20 });
        for (let turn = 0; machine.instructions < INSTRUCTIONS && !machine.exit; turn++) {
          machine.run({ budget: Math.min(slice(turn), INSTRUCTIONS - machine.instructions) });
        }
        return { instructions: machine.instructions, time: machine.time, digest: machine.digest() };
      });
      assert.equal(results[0]!.instructions, INSTRUCTIONS);
      for (const result of results) assert.deepEqual(result, results[0]);
    });
  }
});

/** Budgets of one turn after the other. */
const slicings: readonly ((turn: number) => number)[] = [
  () => INSTRUCTIONS,
  () => 1_000_000,
  (turn) => 1 + ((turn * 7919) % 50_021),
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
