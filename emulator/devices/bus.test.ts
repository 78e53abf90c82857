import assert from 'node:assert/strict';
import type { MachineExit } from '../api';
import { BootRom } from './boot-rom';
import { Bus } from './bus';
import { TestDevice } from './test-device';

describe('bus', () => {
  let exits: MachineExit[];
  let bus: Bus;
  beforeEach(() => {
    exits = [];
    bus = new Bus([
      new TestDevice((exit) => exits.push(exit)),
      new BootRom(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0x88), 0x28),
    ]);
  });

  it('faults where no device is, across the end of one, and for widths or alignments a device does not take', () => {
    assert.equal(bus.read(0, 0x5000_0000, 4), undefined);
    assert.equal(bus.read(0, 0x10_1000, 4), undefined);
    assert.equal(bus.read(0, 0x10_0000, 8), undefined);
    assert.equal(bus.read(0, 0x10_0002, 4), undefined);
    assert.equal(bus.write(0, 0x5000_0000, 4, 0n), false);
    assert.equal(bus.write(0, 0x10_0000, 1, 0x5555n), false);
    assert.deepEqual(exits, []);
  });

  it('reads the boot ROM in all widths and drops stores to it', () => {
    assert.equal(bus.read(0, 0x1028, 8), 0x8807_0605_0403_0201n);
    assert.equal(bus.read(0, 0x102c, 4), 0x8807_0605n);
    assert.equal(bus.read(0, 0x102e, 2), 0x8807n);
    assert.equal(bus.read(0, 0x102f, 1), 0x88n);
    assert.equal(bus.write(0, 0x102f, 1, 0n), true);
    assert.equal(bus.read(0, 0x102f, 1), 0x88n);
  });

  it('ends the machine as the test device is told: pass, fail with a code, reset', () => {
    for (const value of [0x5555n, 0x2a_3333n, 0x3333n, 0x7777n, 0x1234n]) bus.write(0, 0x10_0000, 4, value);
    bus.write(0, 0x10_0004, 4, 0x5555n);
    assert.deepEqual(exits, [
      { kind: 'power-off', code: 0 },
      { kind: 'test-device', code: 42 },
      { kind: 'test-device', code: 1 },
      { kind: 'reset', code: 0 },
    ]);
  });
});
