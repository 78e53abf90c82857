import assert from 'node:assert/strict';
import { interleave } from './rounds';
import { geometricMean, median, quantile } from './statistics';
import { table } from './table';

describe('what the benchmark computes', () => {
  it('has the middle value, or what is between the two in the middle', () => {
    assert.deepEqual([median([9, 1, 2]), median([4, 1, 2, 9]), median([])], [2, 3, NaN]);
  });

  it('has the value that a part of all do not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    assert.deepEqual([quantile(values, 0.95), quantile([7], 0.95), quantile([], 0.95)], [95, 7, NaN]);
  });

  it('has the mean of ratios', () => {
    assert.ok(Math.abs(geometricMean([0.5, 2, 1]) - 1) < 1e-12);
  });

  it('measures in turn, round by round', async () => {
    const order: string[] = [];
    const note = (name: string) => () => order.push(name);
    assert.deepEqual(await interleave(2, { a: note('a'), b: note('b') }), { a: [1, 3], b: [2, 4] });
    assert.deepEqual(order, ['a', 'b', 'a', 'b']);
  });

  it('aligns words to the left and figures to the right', () => {
    assert.equal(
      table(
        ['of', 'MIPS', 'does'],
        [
          ['a', '9', '-'],
          ['bc', '-', 'sorts'],
        ],
      ),
      '| of  | MIPS | does  |\n| --- | ---: | ----- |\n| a   |    9 | -     |\n| bc  |    - | sorts |',
    );
  });
});
