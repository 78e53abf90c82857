import assert from 'node:assert/strict';
import { InterruptLine } from '../core/api';
import { Clint } from './clint';

describe('CLINT', () => {
  let time: bigint;
  let log: string[];
  let clint: Clint;
  beforeEach(() => {
    time = 0x1_2345_6789n;
    log = [];
    clint = new Clint(2, {
      mtime: () => time,
      setMtime: (value) => (time = value),
      setLine: (hart, line, level) => {
        assert.equal(line, InterruptLine.machineSoftware);
        log.push(`hart ${hart} ${level ? 'high' : 'low'}`);
      },
      timersChanged: () => log.push('timers'),
    });
  });

  it('drives the software interrupt of each hart with the lowest bit of its msip', () => {
    clint.write(0, 4, 4, 0xffff_ffffn);
    assert.equal(clint.read(0, 4, 4), 1n);
    assert.equal(clint.read(0, 0, 8), 1n << 32n);
    clint.write(0, 4, 4, 0xffff_fffen);
    clint.write(0, 0, 8, 0x1_0000_0001n);
    assert.deepEqual(log, ['hart 1 high', 'hart 1 low', 'hart 0 high', 'hart 1 high']);
  });

  it('keeps a compare value for each hart, read and written whole or by halves', () => {
    assert.equal(clint.read(0, 0x4000, 8), 0xffff_ffff_ffff_ffffn);
    clint.write(0, 0x4008, 8, 0x1122_3344_5566_7788n);
    clint.write(0, 0x400c, 4, 0xaabb_ccddn);
    assert.equal(clint.mtimecmp[1], 0xaabb_ccdd_5566_7788n);
    assert.equal(clint.read(0, 0x4008, 4), 0x5566_7788n);
    assert.equal(clint.read(0, 0x400c, 4), 0xaabb_ccddn);
    assert.deepEqual(log, ['timers', 'timers']);
  });

  it('shows the time, whole or by halves, and lets it be set', () => {
    assert.equal(clint.read(0, 0xbff8, 8), 0x1_2345_6789n);
    assert.equal(clint.read(0, 0xbffc, 4), 1n);
    clint.write(0, 0xbffc, 4, 7n);
    assert.equal(time, 0x7_2345_6789n);
    clint.write(0, 0xbff8, 8, 3n);
    assert.equal(time, 3n);
  });

  it('ignores what lies beyond its harts', () => {
    clint.write(0, 8, 4, 1n);
    clint.write(0, 0x4010, 8, 1n);
    assert.equal(clint.read(0, 8, 4), 0n);
    assert.equal(clint.read(0, 0x4010, 8), 0n);
    assert.deepEqual(log, []);
  });
});
