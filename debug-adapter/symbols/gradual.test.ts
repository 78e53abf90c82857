import assert from 'node:assert/strict';
import { Gradual } from './gradual';
import { finish } from './steps';

describe('something that is made gradually', () => {
  function counted() {
    const steps: number[] = [];
    const gradual = new Gradual(function* () {
      for (const step of [1, 2, 3]) {
        steps.push(step);
        yield step / 3;
      }
      return 'made';
    });
    return { gradual, steps };
  }

  it('is made at once when it is asked for, and once only', () => {
    const { gradual, steps } = counted();
    assert.equal(gradual.value, 'made');
    assert.equal(gradual.value, 'made');
    finish(gradual.prepare());
    assert.deepEqual(steps, [1, 2, 3]);
  });

  it('is made a step at a time, and the rest at once when it is asked for', () => {
    const { gradual, steps } = counted();
    const preparing = gradual.prepare();
    preparing.next();
    assert.deepEqual(steps, [1]);
    assert.equal(gradual.value, 'made');
    assert.deepEqual(steps, [1, 2, 3]);
    assert.equal(preparing.next().done, true);
  });

  it('is there after all steps', () => {
    const { gradual, steps } = counted();
    finish(gradual.prepare());
    assert.deepEqual(steps, [1, 2, 3]);
    assert.equal(gradual.value, 'made');
  });
});
