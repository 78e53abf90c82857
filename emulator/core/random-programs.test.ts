import { registerNames } from '../isa/registers';
import { xorshift } from '../xorshift.test-support';
import type { Experiment } from './experiment.test-support';
import { compareWithQemu, FREE } from './experiment.test-support';
import { hasQemu } from './qemu.test-support';
import { pointers, randomInstruction } from './random-instructions.test-support';

const BLOCKS = 250;
const BLOCK_INSTRUCTIONS = 40;
const DATA = BigInt(FREE + 2048);

function randomBlock(next: () => number): Experiment {
  const values = registerNames.slice(1).map((name) => [name, BigInt(next()) << BigInt(next() % 33)] as const);
  const toData = pointers.map((index) => [registerNames[index]!, DATA] as const);
  const floats = registerNames.map((_, index) => [index, (BigInt(next()) << 32n) | BigInt(next())] as const);
  const code = Array.from({ length: BLOCK_INSTRUCTIONS }, () => randomInstruction(next));
  return {
    code: Buffer.concat(code),
    x: Object.fromEntries([...values, ...toData]),
    f: Object.fromEntries(floats),
  };
}

describe('random programs', function () {
  before(function () {
    if (!hasQemu) this.skip(); // Needs qemu-system-riscv64.
  });

  for (const seed of [1, 0x1234_5678]) {
    it(`leave the same registers and memory as on QEMU after each of ${BLOCKS} blocks, seed ${seed}`, () => {
      const next = xorshift(seed);
      compareWithQemu(Array.from({ length: BLOCKS }, () => randomBlock(next)));
    });
  }
});
