import type { GuestMemory } from '../../core/guest-memory';
import { Chain, type Span } from './chain';

/** Layout of the split virtqueue (virtio 1.2 §2.7): descriptor table, available ring, used ring. */
const Descriptor = { size: 16, length: 8, flags: 12, next: 14 } as const;
const DescriptorFlag = { next: 1, write: 2, indirect: 4 } as const;
const Ring = { flags: 0, index: 2, entries: 4 } as const;
const AVAILABLE_ENTRY = 2;
const USED_ENTRY = 8;
/** In the flags of the available ring: the driver polls. */
const NO_INTERRUPT = 1;

/** What a queue tells its transport. */
interface QueueHost {
  /** The driver wants to be told of a used buffer. */
  used(): void;
  /** The queue makes no sense. */
  broken(): void;
}

/** What the driver has accepted, as far as it changes the rings. */
interface RingFeatures {
  readonly indirect: boolean;
  readonly eventIndex: boolean;
}

interface DescriptorTable {
  readonly address: number;
  readonly entries: number;
}

/**
 * The device's side of a split virtqueue. All that it reads is the guest's and may be anything, and may change while it is read: chains are as
 * long as the queue at most, and every address is checked. A queue that breaks the rules is broken until the device is reset.
 */
export class Virtqueue {
  readonly maxSize: number;
  /** As the driver sets them before it makes the queue ready; addresses are physical. */
  size: number;
  descriptors = 0n;
  available = 0n;
  used = 0n;
  ready = false;
  /** Counts of chains taken and given back, modulo 2^16. */
  private taken = 0;
  private returned = 0;
  private features: RingFeatures = { indirect: false, eventIndex: false };
  private readonly memory: GuestMemory;
  private readonly host: QueueHost;

  constructor(maxSize: number, memory: GuestMemory, host: QueueHost) {
    this.maxSize = maxSize;
    this.size = maxSize;
    this.memory = memory;
    this.host = host;
  }

  /** Makes the queue ready; false if its parts are not aligned RAM (virtio 1.2 §2.7, §4.2.3.2). */
  start(features: RingFeatures): boolean {
    const { size } = this;
    const part = (address: bigint, align: bigint, length: number) =>
      address % align === 0n && this.memory.contains(Number(address), length);
    const eventIndex = 2;
    this.features = features;
    this.ready =
      size > 0 &&
      size <= this.maxSize &&
      (size & (size - 1)) === 0 &&
      part(this.descriptors, 16n, size * Descriptor.size) &&
      part(this.available, 2n, Ring.entries + size * AVAILABLE_ENTRY + eventIndex) &&
      part(this.used, 4n, Ring.entries + size * USED_ENTRY + eventIndex);
    return this.ready;
  }

  reset(): void {
    this.size = this.maxSize;
    this.descriptors = 0n;
    this.available = 0n;
    this.used = 0n;
    this.ready = false;
    this.taken = 0;
    this.returned = 0;
  }

  /**
   * The chains that the driver has made available, each taken as it is asked for. At most as many as the queue has entries:
   * a device that writes into the ring it reads from must come to an end too.
   * @param wanted asked before each
   */
  *chains(wanted: () => boolean = () => true): Generator<Chain, void, void> {
    for (let count = 0; count < this.size && wanted(); count++) {
      const chain = this.take();
      if (chain === undefined) return;
      yield chain;
    }
  }

  /** `undefined` if there is no more, or the queue is broken. */
  private take(): Chain | undefined {
    if (!this.ready) return undefined;
    const waiting = (this.u16(this.available, Ring.index) - this.taken) & 0xffff;
    if (waiting === 0) return undefined;
    const head = this.u16(this.available, Ring.entries + (this.taken % this.size) * AVAILABLE_ENTRY);
    const chain = waiting <= this.size ? this.follow(head) : undefined;
    if (chain === undefined) {
      this.ready = false;
      this.host.broken();
      return undefined;
    }
    this.taken = (this.taken + 1) & 0xffff;
    // Ask to be told of the very next chain.
    if (this.features.eventIndex) this.write16(Ring.entries + this.size * USED_ENTRY, this.taken);
    return chain;
  }

  /** Gives a chain back with so many bytes written into it. */
  giveBack(chain: Chain, written: number): void {
    const entry = new DataView(new ArrayBuffer(USED_ENTRY));
    entry.setUint32(0, chain.head, true);
    entry.setUint32(4, written, true);
    const at = Ring.entries + (this.returned % this.size) * USED_ENTRY;
    this.memory.write(Number(this.used) + at, new Uint8Array(entry.buffer));
    const before = this.returned;
    this.returned = (this.returned + 1) & 0xffff;
    this.write16(Ring.index, this.returned);
    if (this.wantsToKnow(before)) this.host.used();
  }

  state(): readonly (number | bigint)[] {
    const { size, descriptors, available, used, ready, taken, returned } = this;
    return [size, descriptors, available, used, Number(ready), taken, returned];
  }

  /** Whether the driver asks for an interrupt when the used index leaves `before` (virtio 1.2 §2.7.7). */
  private wantsToKnow(before: number): boolean {
    if (!this.features.eventIndex) return (this.u16(this.available, Ring.flags) & NO_INTERRUPT) === 0;
    return this.u16(this.available, Ring.entries + this.size * AVAILABLE_ENTRY) === before;
  }

  /** The chain that begins at a descriptor; `undefined` if it is none. */
  private follow(head: number): Chain | undefined {
    const from: Span[] = [];
    const to: Span[] = [];
    let table: DescriptorTable = { address: Number(this.descriptors), entries: this.size };
    let indirect = false;
    let index = head;
    // A chain is no longer than the queue (virtio 1.2 §2.7.5.3.1); one that is has a loop.
    for (let steps = 0; steps <= this.size; steps++) {
      if (index >= table.entries) return undefined;
      const { view } = this.memory;
      const at = this.memory.hostAddress(table.address + index * Descriptor.size);
      const address = Number(view.getBigUint64(at, true));
      const length = view.getUint32(at + Descriptor.length, true);
      const flags = view.getUint16(at + Descriptor.flags, true);
      if (!this.memory.contains(address, length)) return undefined;
      if (flags & DescriptorFlag.indirect) {
        const entries = length / Descriptor.size;
        const allowed = this.features.indirect && !indirect && !(flags & DescriptorFlag.next);
        if (!allowed || !Number.isInteger(entries)) return undefined;
        table = { address, entries };
        indirect = true;
        index = 0;
        continue;
      }
      if (flags & DescriptorFlag.write) to.push({ address, length });
      else if (to.length === 0) from.push({ address, length });
      else return undefined;
      if (!(flags & DescriptorFlag.next)) return new Chain(this.memory, head, from, to);
      index = view.getUint16(at + Descriptor.next, true);
    }
    return undefined;
  }

  private u16(ring: bigint, offset: number): number {
    return this.memory.view.getUint16(this.memory.hostAddress(Number(ring) + offset), true);
  }

  /** Into the used ring, the only one that is the device's. */
  private write16(offset: number, value: number): void {
    this.memory.write(Number(this.used) + offset, Uint8Array.of(value & 0xff, value >> 8));
  }
}
