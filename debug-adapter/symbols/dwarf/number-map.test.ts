import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NumberMap } from './number-map';

describe('NumberMap', () => {
  it('keeps what a Map keeps', () => {
    const number = fc.integer({ min: 0, max: 0x7fff_fffe });
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[1-9]\d{0,8}$/), number, { maxKeys: 2000 }), (values) => {
        const map = new NumberMap();
        const entries = Object.entries(values).map(([key, value]) => [Number(key), value] as const);
        for (const [key, value] of entries) {
          assert.equal(map.get(key), -1);
          map.add(key, value);
        }
        for (const [key, value] of entries) assert.equal(map.get(key), value);
        assert.equal(map.size, entries.length);
      }),
      { numRuns: 30 },
    );
  });

  it('grows with as many as a kernel has', () => {
    const map = new NumberMap();
    for (let i = 0; i < 300_000; i++) map.add(i * 7, i);
    for (let i = 0; i < 300_000; i += 11) assert.equal(map.get(i * 7), i);
    assert.equal(map.get(1), -1);
  });
});
