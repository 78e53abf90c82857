import assert from 'node:assert/strict';
import fc from 'fast-check';
import { guest } from './guest.test-support';
import { Machine } from './machine';

const SIZE = 4096;
const TOTAL = 5_000;

/** Devices' addresses, RAM and the code itself in registers, then random words: many of them reach a device or a trap. */
const prologue = `
  la t0,trap
  csrw stvec,t0
  li s0,0x10000000
  li s1,0xc000000
  li a0,0xc201000
  li a1,0x2000000
  li a2,0x200bff8
  li a3,0x80000000
  li a4,0x80004000
  li a5,0x0c002080
  li tp,0x1000
  j body
  .align 8
  trap:
  csrr t0,sepc
  addi t0,t0,4
  csrw sepc,t0
  sret
  body:`;
const { data } = guest(prologue).image.segments[0]!;

/** All that is executed is translated as soon as it is seen. */
const EAGER = 0;

function run(words: Uint32Array, firmware: 'builtin' | 'none', slice: number, translate: boolean): string {
  const code = new Uint8Array(SIZE);
  code.set(data);
  code.set(new Uint8Array(words.buffer), data.length);
  const image = {
    segments: [{ address: 0x8000_0000, data: code, memorySize: SIZE }],
    entry: 0x8000_0000,
  };
  const machine = new Machine({ image, firmware, harts: 2, memory: 1 << 20, translate }, EAGER);
  machine.sendConsoleInput(Uint8Array.of(1, 2, 3));
  while (machine.instructions < TOTAL) {
    const { kind } = machine.run({ budget: Math.min(slice, TOTAL - machine.instructions) });
    if (kind !== 'budget') return `${kind} ${machine.digest()}`;
  }
  return machine.digest();
}

describe('machine with random guests', function () {
  this.timeout(120_000);

  it('never fails, and does the same in any slices, translated or not', () => {
    const input = fc.record({
      words: fc.uint32Array({ minLength: 100, maxLength: 900 }),
      firmware: fc.constantFrom('builtin' as const, 'none' as const),
      slice: fc.integer({ min: 1, max: 700 }),
    });
    fc.assert(
      fc.property(input, ({ words, firmware, slice }) => {
        assert.equal(run(words, firmware, slice, true), run(words, firmware, TOTAL, false));
      }),
      { numRuns: 20 },
    );
  });
});
