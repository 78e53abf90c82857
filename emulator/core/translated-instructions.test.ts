import assert from 'node:assert/strict';
import { assemble } from '../isa/assemble';
import { xorshift } from '../xorshift.test-support';
import { Core } from './core';
import { RAM_BASE } from './guest-memory';
import { pointers, randomInstruction } from './random-instructions.test-support';
import { TestHart } from './test-hart.test-support';

const LOOPS = 150;
const DATA = RAM_BASE + 0x8800;
const HANDLER = RAM_BASE + 0x4000;

/** Takes the trap of an instruction of four bytes, and goes on behind it. */
const handler = 'csrr t0,mepc\naddi t0,t0,4\ncsrw mepc,t0\nmret';

/** A loop around random instructions. */
function randomLoop(next: () => number): Uint8Array {
  const body = Buffer.concat(Array.from({ length: 1 + (next() % 30) }, () => randomInstruction(next)));
  const back = assemble('j 0x0', BigInt(body.length))!;
  return Buffer.concat([body, new Uint8Array(Uint32Array.of(back).buffer)]);
}

/** Does the same to all harts. */
function prepare(harts: readonly TestHart[], next: () => number): void {
  const code = randomLoop(next);
  const x = Array.from({ length: 31 }, () => BigInt.asUintN(64, BigInt(next()) << BigInt(next() % 33)));
  const f = Array.from({ length: 32 }, () => (BigInt(next()) << 32n) | BigInt(next()));
  const data = BigUint64Array.from({ length: 512 }, () => (BigInt(next()) << 32n) | BigInt(next()));
  const fcsr = BigInt(next() & 0xff);
  const status = next() % 8 === 0 ? 0n : 0x6000n;
  for (const test of harts) {
    test.core.memory.write(RAM_BASE, code);
    test.core.memory.write(DATA - 2048, new Uint8Array(data.buffer));
    test.hart.pc = BigInt(RAM_BASE);
    test.setCsr('mstatus', 0x6000n);
    test.setCsr('fcsr', fcsr);
    x.forEach((value, index) => test.hart.setX(index + 1, value));
    for (const pointer of pointers) test.hart.setX(pointer, BigInt(DATA));
    f.forEach((value, index) => test.hart.setF(index, value));
    test.setCsr('mstatus', status);
  }
}

describe('instructions in translated code', function () {
  this.timeout(120_000);

  for (const seed of [3, 0x6543_2101]) {
    it(`do what they do in the interpreter, in ${LOOPS} loops, seed ${seed}`, () => {
      const next = xorshift(seed);
      const interpreted = new TestHart();
      const translated = new TestHart({}, new Core(1 << 20, undefined, 0));
      const harts = [interpreted, translated];
      for (const test of harts) {
        test.load(handler, HANDLER);
        test.setCsr('mtvec', BigInt(HANDLER));
      }
      for (let loop = 0; loop < LOOPS; loop++) {
        prepare(harts, next);
        for (const steps of [90, 150, 60, 37]) {
          for (const test of harts) test.step(steps);
          assert.deepEqual(
            translated.hart.stateForDigest(),
            interpreted.hart.stateForDigest(),
            `loop ${loop}`,
          );
          assert.deepEqual(translated.core.memory.ram, interpreted.core.memory.ram);
        }
      }
      const { inRegions } = translated.core.translator!.statistics;
      assert.ok(inRegions > LOOPS, `${inRegions} samples in translated code`);
    });
  }
});
