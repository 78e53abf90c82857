import type { BlockStore } from '../../api';
import { Digest } from '../../digest';
import type { Chain } from './chain';
import type { VirtioDevice } from './device';
import type { Virtqueue } from './virtqueue';

const SECTOR = 512;
const QUEUE_SIZE = 128;
/** A request's header and its status byte are not data. */
const MOST_SEGMENTS = QUEUE_SIZE - 2;
const MOST_SEGMENT_BYTES = 128 * 1024;
const MOST_BYTES = MOST_SEGMENTS * MOST_SEGMENT_BYTES;

/** Feature bits, request types and status bytes (virtio 1.2 §5.2). */
const Feature = { sizeMax: 1n << 1n, segmentsMax: 1n << 2n, readOnly: 1n << 5n, flush: 1n << 9n } as const;
const Request = { in: 0, out: 1, flush: 4, getId: 8 } as const;
const Status = { ok: 0, ioError: 1, unsupported: 2 } as const;
const HEADER = 16;
const ID_SIZE = 20;

/** How a request ended: its status, and how many bytes of data were written before that. */
interface Outcome {
  readonly status: number;
  readonly written: number;
}

const failed: Outcome = { status: Status.ioError, written: 0 };

/**
 * A disk of whole sectors: an image that ends within one reads as zeros from there on. Read-only if its store cannot be written.
 */
export class VirtioBlock implements VirtioDevice {
  readonly id = 2;
  readonly features: bigint;
  readonly queueSizes = [QUEUE_SIZE];
  readonly config: Uint8Array;
  private readonly store: BlockStore;
  private readonly serial: string;
  private readonly sectors: number;
  /** Of everything written, in order: what the disk holds follows from it and the image. */
  private readonly written = new Digest();

  /** @param serial at most 20 ASCII characters, by which the guest tells disks apart */
  constructor(store: BlockStore, serial: string) {
    this.store = store;
    this.serial = serial;
    this.sectors = Math.ceil(store.size / SECTOR);
    this.features =
      Feature.sizeMax | Feature.segmentsMax | Feature.flush | (store.write ? 0n : Feature.readOnly);
    const config = new DataView(new ArrayBuffer(16));
    config.setBigUint64(0, BigInt(this.sectors), true);
    config.setUint32(8, MOST_SEGMENT_BYTES, true);
    config.setUint32(12, MOST_SEGMENTS, true);
    this.config = new Uint8Array(config.buffer);
  }

  serve(_index: number, queue: Virtqueue): void {
    for (const chain of queue.chains()) queue.giveBack(chain, this.request(chain));
  }

  state(): readonly number[] {
    return this.written.lanes();
  }

  /** Bytes written into the chain. Without a header and room for the status there is nothing to say (virtio 1.2 §5.2.6). */
  private request(chain: Chain): number {
    if (chain.readable < HEADER || chain.writable < 1) return 0;
    const header = new DataView(chain.read(0, HEADER).buffer);
    const offset = Number(header.getBigUint64(8, true)) * SECTOR;
    const { status, written } = this.perform(header.getUint32(0, true), offset, chain);
    chain.write(chain.writable - 1, Uint8Array.of(status));
    // Only what was written from the beginning counts.
    return written === chain.writable - 1 ? chain.writable : written;
  }

  private perform(type: number, offset: number, chain: Chain): Outcome {
    switch (type) {
      case Request.in:
        return this.read(offset, chain);
      case Request.out:
        return this.write(offset, chain);
      case Request.flush:
        return (this.store.flush?.() ?? true) ? { status: Status.ok, written: 0 } : failed;
      case Request.getId: {
        const length = Math.min(ID_SIZE, chain.writable - 1);
        const id = new Uint8Array(ID_SIZE);
        id.set(new TextEncoder().encode(this.serial).subarray(0, ID_SIZE));
        chain.write(0, id.subarray(0, length));
        return { status: Status.ok, written: length };
      }
      default:
        return { status: Status.unsupported, written: 0 };
    }
  }

  private read(offset: number, chain: Chain): Outcome {
    const length = chain.writable - 1;
    if (!this.holds(offset, length)) return failed;
    const data = new Uint8Array(length);
    const stored = data.subarray(0, Math.max(0, Math.min(length, this.store.size - offset)));
    if (!this.store.read(offset, stored)) return failed;
    chain.write(0, data);
    return { status: Status.ok, written: length };
  }

  private write(offset: number, chain: Chain): Outcome {
    const length = chain.readable - HEADER;
    if (!this.store.write || !this.holds(offset, length)) return failed;
    const data = chain.read(HEADER, length);
    if (!this.store.write(offset, data)) return failed;
    this.written.add([offset, length]);
    this.written.addMemory(data);
    return { status: Status.ok, written: 0 };
  }

  private holds(offset: number, length: number): boolean {
    return length <= MOST_BYTES && length % SECTOR === 0 && offset + length <= this.sectors * SECTOR;
  }
}
