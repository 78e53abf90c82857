import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Clock, STEPS_PER_TICK } from './clock';

describe('clock', () => {
  it('ticks once in so many steps, however they are counted', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { maxLength: 50 }), (parts) => {
        const clock = new Clock();
        for (const part of parts) clock.advance(part);
        const steps = parts.reduce((sum, part) => sum + part, 0);
        assert.equal(clock.mtime(), BigInt(Math.floor(steps / STEPS_PER_TICK)));
        assert.equal(clock.mtime(7), BigInt(Math.floor((steps + 7) / STEPS_PER_TICK)));
      }),
    );
  });

  it('knows the steps until a deadline', () => {
    const clock = new Clock();
    clock.advance(STEPS_PER_TICK * 3 + 1);
    assert.equal(clock.stepsUntil(clock.ticksAt(5n)), STEPS_PER_TICK * 2 - 1);
    assert.equal(clock.ticksAt(3n), 3);
    assert.equal(clock.ticksAt(0n), 3);
  });

  it('never reaches deadlines beyond its horizon', () => {
    assert.equal(new Clock().ticksAt((1n << 64n) - 1n), Infinity);
    assert.equal(new Clock().stepsUntil(Infinity), Infinity);
  });

  it('goes on from a time that is set, wraps at 64 bits, and still meets deadlines', () => {
    const clock = new Clock();
    clock.advance(STEPS_PER_TICK * 10);
    clock.setMtime((1n << 64n) - 2n);
    assert.equal(clock.mtime(), (1n << 64n) - 2n);
    assert.equal(clock.ticksAt((1n << 64n) - 1n), 11);
    clock.advance(STEPS_PER_TICK * 3);
    assert.equal(clock.mtime(), 1n);
  });
});
