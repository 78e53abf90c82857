import assert from 'node:assert/strict';
import { parseHitCondition } from './hit-condition';

describe('a hit condition', () => {
  const stops = (text: string): number[] =>
    [1, 2, 3, 4, 5, 6].filter((hits) => parseHitCondition(text)!(hits));

  it('stops at one hit, from one on, up to one, or at every n-th', () => {
    assert.deepEqual(stops('3'), [3]);
    assert.deepEqual(stops('= 3'), [3]);
    assert.deepEqual(stops('== 3'), [3]);
    assert.deepEqual(stops('> 3'), [4, 5, 6]);
    assert.deepEqual(stops('>=3'), [3, 4, 5, 6]);
    assert.deepEqual(stops('<3'), [1, 2]);
    assert.deepEqual(stops(' <= 3 '), [1, 2, 3]);
    assert.deepEqual(stops('% 2'), [2, 4, 6]);
  });

  it('is nothing else', () => {
    for (const text of ['', 'often', '3 times', '-1', '1.5', '=== 3', '% 0', '9'.repeat(20)]) {
      assert.equal(parseHitCondition(text), undefined, text);
    }
  });
});
