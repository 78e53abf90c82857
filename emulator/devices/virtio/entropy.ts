import type { VirtioDevice } from './device';
import { RandomBytes } from './random-bytes';
import type { Virtqueue } from './virtqueue';

const QUEUE_SIZE = 8;
/** Bytes for one request at most: a driver that wants more asks again (virtio 1.2 §5.4.6). */
const MOST_BYTES = 4096;

/**
 * Entropy that is none: the bytes follow from the machine's seed, because two runs of the same configuration must not differ. Kernels
 * come up without waiting for randomness; nothing that is secret may depend on it.
 */
export class VirtioEntropy implements VirtioDevice {
  readonly id = 4;
  readonly features = 0n;
  readonly queueSizes = [QUEUE_SIZE];
  readonly config = new Uint8Array(0);
  private readonly source: RandomBytes;

  constructor(seed: bigint) {
    this.source = new RandomBytes(seed);
  }

  serve(_index: number, queue: Virtqueue): void {
    for (const chain of queue.chains()) {
      const bytes = this.source.take(Math.min(chain.writable, MOST_BYTES));
      chain.write(0, bytes);
      queue.giveBack(chain, bytes.length);
    }
  }

  state(): readonly number[] {
    return this.source.state();
  }
}
