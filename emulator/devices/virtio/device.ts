import type { Virtqueue } from './virtqueue';

/** What a kind of virtio device adds to the transport (virtio 1.2 §2, §5). Must not throw. */
export interface VirtioDevice {
  /** Device ID (virtio 1.2 §5): 2 block, 3 console, 4 entropy. */
  readonly id: number;
  /** The device's own feature bits; the transport adds the reserved ones. */
  readonly features: bigint;
  /** Most entries of each of its queues, powers of two. */
  readonly queueSizes: readonly number[];
  /** Configuration space, little-endian; reads beyond its end are zero. */
  readonly config: Uint8Array;
  /** Called once, by the transport: `serve` has the device's `serve` called, if a driver runs it, for what comes from outside. */
  connect?(serve: (index: number) => void): void;
  /** A write to configuration space. */
  writeConfig?(offset: number, value: number): void;
  /** The driver has put buffers into a queue. */
  serve(index: number, queue: Virtqueue): void;
  /** The driver has reset the device. */
  reset?(): void;
  /** What a guest could observe beyond the transport's own state, for the digest. */
  state(): readonly (number | bigint)[];
}
