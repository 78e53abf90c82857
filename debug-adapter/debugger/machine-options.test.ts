import assert from 'node:assert/strict';
import { UserError } from './api';
import { machineOptions } from './machine-options';

const epochOf = (rtc: string) => machineOptions({ program: '', rtc }).epoch;

describe('options that shape the machine', () => {
  it('take the time of the real-time clock as a date, with a time of day and a zone', () => {
    assert.equal(epochOf('2026-01-31'), Date.UTC(2026, 0, 31));
    assert.equal(epochOf('2026-01-31T12:34'), Date.UTC(2026, 0, 31, 12, 34));
    assert.equal(epochOf('2026-01-31 12:34:56Z'), Date.UTC(2026, 0, 31, 12, 34, 56));
    assert.equal(epochOf('2026-01-31T12:34:56+02:00'), Date.UTC(2026, 0, 31, 10, 34, 56));
    assert.ok(Math.abs(epochOf('now')! - Date.now()) < 60_000);
    assert.equal(machineOptions({ program: '' }).epoch, undefined);
  });

  it('say what is wrong with a time', () => {
    for (const time of ['', 'yesterday', '2026-13-01', '12:00', '2026-01-31T25:00']) {
      assert.throws(() => epochOf(time), UserError);
    }
  });

  it('take a seed as a number or a string of up to 64 bits', () => {
    const seedOf = (seed: string | number) => machineOptions({ program: '', seed }).seed;
    assert.deepEqual([seedOf(7), seedOf('0xffffffffffffffff')], [7n, (1n << 64n) - 1n]);
    for (const seed of ['18446744073709551616', 2 ** 53, -1, 'x'])
      assert.throws(() => seedOf(seed), UserError);
  });
});
