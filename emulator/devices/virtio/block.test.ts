import assert from 'node:assert/strict';
import type { BlockStore } from '../../api';
import { VirtioBlock } from './block';
import { DATA, Driver, NEXT, VERSION_1, WRITE } from './driver.test-support';
import { Overlay } from './overlay';
import { Register } from './registers';

class Store implements BlockStore {
  readonly bytes: Uint8Array;
  readonly size: number;
  flushed = 0;
  works = true;

  constructor(size: number) {
    this.size = size;
    this.bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 9)) & 0xff);
  }

  read(offset: number, target: Uint8Array): boolean {
    assert.ok(offset + target.length <= this.size);
    target.set(this.bytes.subarray(offset, offset + target.length));
    return this.works;
  }

  write(offset: number, data: Uint8Array): boolean {
    assert.ok(offset + data.length <= Math.ceil(this.size / 512) * 512);
    this.bytes.set(data.subarray(0, this.size - offset), offset);
    return this.works;
  }

  flush(): boolean {
    this.flushed++;
    return this.works;
  }
}

const [IN, OUT, FLUSH, GET_ID, DISCARD] = [0, 1, 4, 8, 11];
const [OK, IO_ERROR, UNSUPPORTED] = [0, 1, 2];

function header(type: number, sector = 0n): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, type, true);
  view.setBigUint64(8, sector, true);
  return new Uint8Array(view.buffer);
}

function setUp(store: BlockStore) {
  const disk = new VirtioBlock(store, 'disk0');
  const driver = new Driver(disk);
  driver.start();
  const request = (type: number, sector: bigint, data: Uint8Array | undefined, room: number[]) =>
    driver.request(0, [header(type, sector), ...(data ? [data] : [])], [...room, 1]);
  return { disk, driver, request };
}

describe('virtio block device', () => {
  let store: Store;
  beforeEach(() => {
    store = new Store(8 * 512);
  });

  it('tells its size in sectors and how large requests may be', () => {
    const { driver } = setUp(store);
    assert.equal(driver.read(Register.deviceId), 2);
    assert.equal(driver.read(Register.config), 8);
    assert.equal(driver.read(Register.config + 4), 0);
    assert.equal(driver.read(Register.config + 12), 126);
  });

  it('reads sectors into buffers cut anywhere', () => {
    const answer = setUp(store).request(IN, 2n, undefined, [100, 924]);
    assert.deepEqual(answer, Uint8Array.of(...store.bytes.subarray(1024, 2048), OK));
  });

  it('writes sectors, and tells the store to flush', () => {
    const { request } = setUp(store);
    const data = new Uint8Array(1024).fill(0xee);
    assert.deepEqual(request(OUT, 6n, data, []), Uint8Array.of(OK));
    assert.deepEqual(store.bytes.subarray(3072), data);
    assert.deepEqual(request(FLUSH, 0n, undefined, []), Uint8Array.of(OK));
    assert.equal(store.flushed, 1);
  });

  it('takes a header in pieces, joined with its data', () => {
    const { driver } = setUp(store);
    const bytes = Uint8Array.of(...header(OUT, 1n), ...new Uint8Array(512).fill(3));
    assert.deepEqual(driver.request(0, [bytes.subarray(0, 5), bytes.subarray(5)], [1]), Uint8Array.of(OK));
    assert.deepEqual(store.bytes.subarray(512, 1024), new Uint8Array(512).fill(3));
  });

  it('gives its serial number, zeros after it', () => {
    const answer = setUp(store).request(GET_ID, 0n, undefined, [20]);
    assert.equal(Buffer.from(answer!).toString(), `disk0${'\0'.repeat(15)}\0`);
  });

  it('refuses what is not on the disk, not whole sectors, or unknown', () => {
    const { request } = setUp(store);
    const status = (type: number, sector: bigint, data: Uint8Array | undefined, room: number[]) =>
      request(type, sector, data, room)?.at(-1);
    assert.equal(status(IN, 8n, undefined, [512]), IO_ERROR);
    assert.equal(status(IN, 7n, undefined, [1024]), IO_ERROR);
    assert.equal(status(IN, (1n << 64n) - 1n, undefined, [512]), IO_ERROR);
    assert.equal(status(IN, 0n, undefined, [511]), IO_ERROR);
    assert.equal(status(OUT, 8n, new Uint8Array(512), []), IO_ERROR);
    assert.equal(status(DISCARD, 0n, undefined, []), UNSUPPORTED);
  });

  it('refuses a request larger than it said it takes, though a guest can point at the same memory over and over', () => {
    const driver = new Driver(new VirtioBlock({ size: 2 ** 40, read: () => true }, 'large'));
    const read = (segments: number) => {
      driver.start(VERSION_1, 128);
      driver.memory.write(DATA, header(IN));
      driver.describe(0, 0, { address: DATA, length: 16, flags: NEXT, next: 1 });
      for (let index = 1; index <= segments; index++) {
        driver.describe(0, index, {
          address: DATA + 512,
          length: 0x7_0000,
          flags: WRITE | NEXT,
          next: index + 1,
        });
      }
      driver.describe(0, segments + 1, { address: DATA + 16, length: 1, flags: WRITE });
      driver.offer(0, 0);
      driver.notify(0);
      return driver.memory.read(DATA + 16, 1)?.[0];
    };
    assert.equal(read(36), OK);
    assert.equal(read(37), IO_ERROR);
  });

  it('reports an error of the store', () => {
    const { request } = setUp(store);
    store.works = false;
    assert.equal(request(IN, 0n, undefined, [512])?.at(-1), IO_ERROR);
    assert.deepEqual(request(OUT, 0n, new Uint8Array(512), []), Uint8Array.of(IO_ERROR));
    assert.deepEqual(request(FLUSH, 0n, undefined, []), Uint8Array.of(IO_ERROR));
  });

  it('gives back requests without a header or room for the status, unanswered', () => {
    const { driver } = setUp(store);
    assert.deepEqual(driver.request(0, [new Uint8Array(15)], [1]), Uint8Array.of(0));
    assert.deepEqual(driver.request(0, [header(IN)], []), new Uint8Array(0));
    assert.equal(driver.status & 0x40, 0);
  });

  it('is read-only if its store is', () => {
    const { driver, request } = setUp({ size: 512, read: () => true });
    assert.equal(driver.offered() & (1n << 5n), 1n << 5n);
    assert.deepEqual(request(OUT, 0n, new Uint8Array(512), []), Uint8Array.of(IO_ERROR));
    assert.equal(setUp(store).driver.offered() & (1n << 5n), 0n);
  });

  it('has zeros behind an image that ends within a sector', () => {
    const { driver, request } = setUp(new Store(700));
    assert.equal(driver.read(Register.config), 2);
    const answer = request(IN, 1n, undefined, [512])!;
    assert.equal(answer[187], (699 * 7 + 1) & 0xff);
    assert.deepEqual(answer.subarray(188), new Uint8Array(325));
  });

  it('shows in its state what was written, where, and in which order', () => {
    const after = (...writes: [sector: bigint, byte: number][]) => {
      const { disk, request } = setUp(new Overlay(new Store(4096)));
      for (const [sector, byte] of writes) request(OUT, sector, new Uint8Array(512).fill(byte), []);
      return disk.state().join();
    };
    assert.equal(after([0n, 1]), after([0n, 1]));
    const states = [
      after(),
      after([0n, 0]),
      after([1n, 0]),
      after([0n, 1]),
      after([1n, 1]),
      after([0n, 1], [0n, 2]),
    ];
    assert.equal(new Set([...states, after([0n, 2], [0n, 1])]).size, 7);
  });
});
