import assert from 'node:assert/strict';
import type { VirtioDevice } from './device';
import {
  DATA,
  Driver,
  EVENT_INDEX,
  INDIRECT,
  INDIRECT_TABLE,
  NEEDS_RESET,
  NEXT,
  part,
  VERSION_1,
  WRITE,
} from './driver.test-support';
import { Register } from './registers';
import type { Virtqueue } from './virtqueue';

/** Answers with the bytes of the request, each plus one. */
class Incrementer implements VirtioDevice {
  readonly id = 42;
  readonly features = 1n << 5n;
  readonly queueSizes = [16];
  readonly config = Uint8Array.of(1, 2, 3, 4, 5, 6);
  resets = 0;

  serve(_index: number, queue: Virtqueue): void {
    for (const chain of queue.chains()) {
      const answer = chain.read(0, chain.readable).map((byte) => byte + 1);
      chain.write(0, answer);
      queue.giveBack(chain, answer.length);
    }
  }

  reset(): void {
    this.resets++;
  }

  state(): readonly number[] {
    return [this.resets];
  }
}

describe('virtio over MMIO', () => {
  let driver: Driver;
  beforeEach(() => {
    driver = new Driver(new Incrementer());
  });

  it('shows an empty slot as device 0 that takes no writes', () => {
    const empty = new Driver(undefined);
    const registers = [Register.magic, Register.version, Register.deviceId, Register.queueSizeMax];
    assert.deepEqual(
      registers.map((register) => empty.read(register)),
      [0x74726976, 2, 0, 0],
    );
    empty.start();
    assert.equal(empty.status, 0);
  });

  it('offers the features of the device, of the rings, and version 1', () => {
    assert.equal(driver.read(Register.deviceId), 42);
    assert.equal(driver.offered(), (1n << 5n) | INDIRECT | EVENT_INDEX | VERSION_1);
    driver.write(Register.deviceFeaturesSelect, 2);
    assert.equal(driver.read(Register.deviceFeatures), 0);
  });

  it('takes no set of features that it did not offer, or that lacks version 1', () => {
    for (const features of [0n, 1n << 5n, VERSION_1 | (1n << 6n)]) {
      driver.write(Register.status, 0);
      driver.write(Register.status, 3);
      driver.accept(features);
      driver.write(Register.status, 11);
      assert.equal(driver.status, 3);
    }
    driver.accept(VERSION_1);
    driver.write(Register.status, 11);
    assert.equal(driver.status, 11);
  });

  it('has its configuration in bytes of any width, zero beyond the end', () => {
    assert.equal(driver.read(Register.config, 4), 0x04030201);
    assert.equal(driver.read(Register.config + 4, 4), 0x0605);
    assert.equal(driver.read(Register.config + 5, 1), 6);
    assert.equal(driver.read(Register.config + 0x80, 2), 0);
  });

  it('answers only 32-bit accesses to its registers', () => {
    assert.equal(driver.read(Register.magic, 2), 0);
    driver.write(Register.status, 1, 1);
    assert.equal(driver.status, 0);
  });

  it('serves a request within the store that announces it, and interrupts until that is acknowledged', () => {
    driver.start();
    const answer = driver.request(0, [Uint8Array.of(1, 2), Uint8Array.of(3)], [2, 1]);
    assert.deepEqual(answer, Uint8Array.of(2, 3, 4));
    assert.equal(driver.interrupt, true);
    assert.equal(driver.read(Register.interruptStatus), 1);
    driver.write(Register.interruptAcknowledge, 1);
    assert.equal(driver.interrupt, false);
  });

  it('tells which chain was used and how much was written', () => {
    driver.start();
    driver.describe(0, 5, { address: DATA, length: 3, flags: NEXT, next: 2 });
    driver.describe(0, 2, { address: DATA + 16, length: 8, flags: WRITE });
    driver.offer(0, 5);
    driver.notify(0);
    assert.deepEqual(driver.collect(0), { id: 5, length: 3 });
    assert.equal(driver.collect(0), undefined);
  });

  it('goes around the rings, also around 2^16', () => {
    driver.start(VERSION_1, 2);
    for (let turn = 0; turn < 0x1_0005; turn++) {
      const answer = driver.request(0, [Uint8Array.of(turn & 0x7f)], [1]);
      assert.equal(answer?.[0], (turn & 0x7f) + 1);
    }
  }).timeout(20_000);

  it('follows an indirect table if that was agreed upon, and only then', () => {
    const table = DATA + 0x100;
    for (const agreed of [true, false]) {
      driver.start(VERSION_1 | (agreed ? INDIRECT : 0n));
      driver.memory.write(DATA, Uint8Array.of(9, 0));
      driver.writeDescriptor(table, { address: DATA, length: 1, flags: NEXT, next: 1 });
      driver.writeDescriptor(table + 16, { address: DATA + 1, length: 1, flags: WRITE });
      driver.describe(0, 0, { address: table, length: 32, flags: INDIRECT_TABLE });
      driver.offer(0, 0);
      driver.notify(0);
      assert.deepEqual(driver.memory.read(DATA, 2), Uint8Array.of(9, agreed ? 10 : 0));
      assert.equal((driver.status & NEEDS_RESET) !== 0, !agreed);
    }
  });

  it('does not interrupt a driver that polls', () => {
    driver.start();
    driver.write16(part(0).available, 1);
    assert.ok(driver.request(0, [Uint8Array.of(1)], [1]));
    assert.equal(driver.interrupt, false);
  });

  it('interrupts at the used index that the driver waits for, and asks to be told of the next chain', () => {
    driver.start(VERSION_1 | EVENT_INDEX);
    const usedEvent = part(0).available + 4 + 8 * 2;
    const availableEvent = part(0).used + 4 + 8 * 8;
    driver.write16(usedEvent, 1);
    driver.request(0, [Uint8Array.of(1)], [1]);
    assert.equal(driver.interrupt, false);
    assert.equal(driver.read16(availableEvent), 1);
    driver.request(0, [Uint8Array.of(1)], [1]);
    assert.equal(driver.interrupt, true);
    assert.equal(driver.read16(availableEvent), 2);
  });

  it('leaves queues alone until the driver is ready, and after a reset', () => {
    driver.start();
    driver.write(Register.status, 0);
    assert.equal(driver.status, 0);
    driver.write(Register.queueSelect, 0);
    assert.equal(driver.read(Register.queueReady), 0);
    driver.write(Register.status, 3);
    driver.accept(VERSION_1);
    driver.write(Register.status, 11);
    driver.makeReady(0, 8);
    driver.memory.write(part(0).used, new Uint8Array(4));
    assert.equal(driver.request(0, [Uint8Array.of(1)], [1]), undefined);
    driver.write(Register.status, 15);
    driver.notify(0);
    assert.deepEqual(driver.collect(0), { id: 0, length: 1 });
  });

  it('needs a reset after a queue that cannot be: its size, its alignment, its place', () => {
    const good = part(0);
    for (const [size, at] of [
      [0, good],
      [3, good],
      [32, good],
      [8, { ...good, descriptors: good.descriptors + 8 }],
      [8, { ...good, available: good.available + 1 }],
      [8, { ...good, used: good.used + 2 }],
      [8, { ...good, used: 0x800f_fffc }],
      [8, { ...good, descriptors: 0x1000_0000 }],
    ] as const) {
      driver.start();
      driver.write(Register.queueSelect, 0);
      driver.write(Register.queueReady, 0);
      driver.makeReady(0, size, at);
      assert.equal(driver.read(Register.queueReady), 0);
      assert.equal(driver.status & NEEDS_RESET, NEEDS_RESET);
      assert.equal(driver.read(Register.interruptStatus), 2);
    }
    driver.start();
    assert.ok(driver.request(0, [Uint8Array.of(1)], [1]));
  });

  for (const [what, break_] of [
    ['a loop', () => driver.describe(0, 0, { address: DATA, length: 1, flags: NEXT, next: 0 })],
    [
      'a descriptor that does not exist',
      () => driver.describe(0, 0, { address: DATA, length: 1, flags: NEXT, next: 8 }),
    ],
    ['a buffer that is not RAM', () => driver.describe(0, 0, { address: 0x1000_0000, length: 1 })],
    ['a buffer that ends beyond RAM', () => driver.describe(0, 0, { address: DATA, length: 0xffff_ffff })],
    [
      'a buffer at the end of the address space',
      () => driver.describe(0, 0, { address: (1n << 64n) - 1n, length: 2 }),
    ],
    [
      'bytes to read behind room to write',
      () => {
        driver.describe(0, 0, { address: DATA, length: 1, flags: WRITE | NEXT, next: 1 });
        driver.describe(0, 1, { address: DATA, length: 1 });
      },
    ],
    [
      'an indirect table in an indirect table',
      () => {
        driver.writeDescriptor(DATA, { address: DATA, length: 16, flags: INDIRECT_TABLE });
        driver.describe(0, 0, { address: DATA, length: 16, flags: INDIRECT_TABLE });
      },
    ],
    [
      'half a descriptor in an indirect table',
      () => driver.describe(0, 0, { address: DATA, length: 24, flags: INDIRECT_TABLE }),
    ],
    [
      'an empty indirect table',
      () => driver.describe(0, 0, { address: DATA, length: 0, flags: INDIRECT_TABLE }),
    ],
  ] as const) {
    it(`needs a reset after ${what}`, () => {
      driver.start(VERSION_1 | INDIRECT);
      break_();
      driver.offer(0, 0);
      driver.notify(0);
      assert.equal(driver.status & NEEDS_RESET, NEEDS_RESET);
      assert.equal(driver.collect(0), undefined);
      driver.start();
      assert.deepEqual(driver.request(0, [Uint8Array.of(1)], [1]), Uint8Array.of(2), 'a reset mends it');
    });
  }

  it('needs a reset when more chains are available than the queue has entries', () => {
    driver.start();
    driver.write16(part(0).available + 2, 9);
    driver.notify(0);
    assert.equal(driver.status & NEEDS_RESET, NEEDS_RESET);
  });

  it('tells those who watch memory of all that it writes', () => {
    const writes: [number, number][] = [];
    driver.start();
    driver.memory.onWrite((address, length) => writes.push([address, length]));
    driver.request(0, [Uint8Array.of(1, 2)], [2]);
    assert.ok(writes.some(([address, length]) => address === DATA + 2 && length === 2));
    assert.ok(writes.some(([address]) => address === part(0).used + 4));
  });
});
