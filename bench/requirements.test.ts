import assert from 'node:assert/strict';
import { complaint, isMet, requirements, worst } from './requirements';

describe('a requirement of the benchmark', () => {
  const program = (value: number) => ({ requirement: requirements.program, of: 'sieve', value });
  const pause = (value: number) => ({ requirement: requirements.pause, of: 'sieve', value });

  it('is met at its limit, and missed beyond it', () => {
    assert.deepEqual([program(0.8), program(0.79), pause(10), pause(10.1)].map(isMet), [
      true,
      false,
      true,
      false,
    ]);
  });

  it('is missed by what came to no value', () => {
    assert.equal(isMet(pause(NaN)), false);
  });

  it('is judged by the lowest speed and the longest time', () => {
    assert.equal(worst([program(2), program(1), program(3)])?.value, 1);
    assert.equal(worst([pause(2), pause(3), pause(1)])?.value, 3);
  });

  it('says in a sentence who misses it', () => {
    assert.equal(
      complaint(program(0.5)),
      `sieve misses "speed of each program": 0.50 times QEMU's, where at least 0.8 times QEMU's is required.`,
    );
  });
});
