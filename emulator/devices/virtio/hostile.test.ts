import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RAM_BASE } from '../../core/guest-memory';
import { VirtioBlock } from './block';
import { VirtioConsole } from './console';
import type { VirtioDevice } from './device';
import {
  DATA,
  Driver,
  EVENT_INDEX,
  INDIRECT,
  MEMORY,
  NEEDS_RESET,
  part,
  VERSION_1,
} from './driver.test-support';
import { VirtioEntropy } from './entropy';
import { Overlay } from './overlay';

const SIZE = 8;

const devices: Readonly<Record<string, () => VirtioDevice>> = {
  block: () =>
    new VirtioBlock(
      new Overlay({
        size: 1 << 16,
        read: (offset, target) => {
          target.forEach((_, index) => (target[index] = (offset + index) * 31));
          return true;
        },
      }),
      'disk0',
    ),
  console: () => new VirtioConsole(() => undefined),
  entropy: () => new VirtioEntropy(1n),
};

/** Addresses that matter: the rings themselves, data, the ends of RAM, and anything. */
const address = fc.oneof(
  fc
    .constantFrom(...Object.values(part(0)), DATA, RAM_BASE, RAM_BASE + MEMORY - 16)
    .chain((base) => fc.nat(64).map((offset) => BigInt(base + offset))),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);
const descriptor = fc.record({
  address,
  length: fc.oneof(fc.nat(64), fc.constantFrom(1, 16, 512, 4096, 0x8_0000), fc.nat(0xffff_ffff)),
  flags: fc.nat(7),
  next: fc.oneof(fc.nat(SIZE), fc.nat(0xffff)),
});
const rings = fc.record({
  features: fc.constantFrom(0n, INDIRECT, EVENT_INDEX, INDIRECT | EVENT_INDEX),
  descriptors: fc.array(descriptor, { minLength: SIZE, maxLength: SIZE }),
  tables: fc.array(descriptor, { minLength: SIZE, maxLength: SIZE }),
  heads: fc.array(fc.oneof(fc.nat(SIZE - 1), fc.nat(0xffff)), { minLength: SIZE, maxLength: SIZE }),
  index: fc.oneof(fc.integer({ min: 1, max: SIZE }), fc.nat(0xffff)),
  /** Parts of the queue on top of each other. */
  overlap: fc.constantFrom('none', 'used is available', 'used is descriptors'),
});
const request = fc.uint8Array({ minLength: 16, maxLength: 64 });

describe('virtio devices with hostile rings', () => {
  for (const [name, make] of Object.entries(devices)) {
    it(`${name}: comes to an end without an exception, writes nothing outside RAM, and works after a reset`, () => {
      fc.assert(
        fc.property(rings, request, (hostile, bytes) => {
          const device = make();
          const driver = new Driver(device);
          const { descriptors, available, used } = part(0);
          driver.start(VERSION_1 | hostile.features, SIZE);
          driver.makeReady(0, SIZE);
          if (hostile.overlap !== 'none') {
            driver.start(VERSION_1 | hostile.features, SIZE);
            const top = hostile.overlap === 'used is available' ? available : descriptors;
            driver.write(0x030, 0);
            driver.write(0x044, 0);
            driver.makeReady(0, SIZE, { descriptors, available, used: top });
          }
          let outside = 0;
          driver.memory.onWrite((at, length) => {
            if (at < RAM_BASE || at + length > RAM_BASE + MEMORY) outside++;
          });
          driver.memory.write(DATA, bytes);
          hostile.descriptors.forEach((fields, index) => driver.describe(0, index, fields));
          hostile.tables.forEach((fields, index) => driver.writeDescriptor(DATA + 64 + 16 * index, fields));
          hostile.heads.forEach((head, index) => driver.write16(available + 4 + 2 * index, head));
          driver.write16(available + 2, hostile.index);
          if (device instanceof VirtioConsole) device.receive(bytes);
          for (let times = 0; times < 3; times++) driver.notify(0);
          assert.equal(outside, 0);
          // Either the device still works or it says that it does not.
          const dead = (driver.status & NEEDS_RESET) !== 0;
          assert.equal(driver.read(0x044) === 0, dead);
          driver.memory.write(used, new Uint8Array(0x100));
          driver.memory.write(available, new Uint8Array(0x100));
          driver.start();
          assert.equal(driver.status & NEEDS_RESET, 0);
          if (name === 'entropy') assert.equal(driver.request(0, [], [4])?.length, 4);
        }),
        { numRuns: 300 },
      );
    }).timeout(60_000);
  }

  it('does not care for any sequence of register accesses', () => {
    const access = fc.record({
      offset: fc.oneof(
        fc.nat(0xfff),
        fc.constantFrom(
          0x10,
          0x14,
          0x20,
          0x24,
          0x30,
          0x38,
          0x44,
          0x50,
          0x64,
          0x70,
          0x80,
          0x84,
          0x90,
          0xa0,
          0x108,
        ),
      ),
      size: fc.constantFrom(1 as const, 2 as const, 4 as const),
      value: fc.oneof(
        fc.nat(16),
        fc.constantFrom(DATA, part(0).used),
        fc.integer({ min: 0, max: 0xffff_ffff }),
      ),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(devices)),
        fc.array(access, { maxLength: 60 }),
        (make, accesses) => {
          const driver = new Driver(make());
          for (const { offset, size, value } of accesses) {
            driver.write(offset, value, size);
            assert.ok(driver.read(offset, size) < 2 ** (8 * size));
          }
          driver.start();
          assert.equal(driver.status, 15);
        },
      ),
      { numRuns: 500 },
    );
  }).timeout(60_000);
});
