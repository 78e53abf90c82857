import { GuestMemory, RAM_BASE } from '../../core/guest-memory';
import type { VirtioDevice } from './device';
import { VirtioMmio } from './mmio';
import { Register } from './registers';

export const MEMORY = 1 << 20;
/** Status values as a driver writes them: ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK. */
const [ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK] = [1, 2, 4, 8];
export const NEEDS_RESET = 0x40;

export const INDIRECT = 1n << 28n;
export const EVENT_INDEX = 1n << 29n;
export const VERSION_1 = 1n << 32n;

export const [NEXT, WRITE, INDIRECT_TABLE] = [1, 2, 4];

interface DescriptorFields {
  readonly address: number | bigint;
  readonly length: number;
  readonly flags?: number;
  readonly next?: number;
}

/** Where the driver's queue n has its parts, 32 KiB apart, and where it puts data. */
export const part = (queue: number) => {
  const base = RAM_BASE + 0x8000 * (queue + 1);
  return { descriptors: base, available: base + 0x2000, used: base + 0x4000 };
};
export const DATA = RAM_BASE + 0x8_0000;

/** A small driver: it sets a device up and puts requests into queues in guest RAM. */
export class Driver {
  readonly memory = new GuestMemory(MEMORY);
  readonly slot: VirtioMmio;
  interrupt = false;
  private readonly sizes: number[] = [];
  private readonly made: number[] = [];
  private readonly seen: number[] = [];

  constructor(device: VirtioDevice | undefined) {
    this.slot = new VirtioMmio(3, this.memory, (level) => (this.interrupt = level), device);
  }

  read(register: number, size: 1 | 2 | 4 = 4): number {
    return Number(this.slot.read(0, register, size));
  }

  write(register: number, value: number, size: 1 | 2 | 4 = 4): void {
    this.slot.write(0, register, size, BigInt(value >>> 0));
  }

  offered(): bigint {
    const words = [0, 1].map((select) => {
      this.write(Register.deviceFeaturesSelect, select);
      return BigInt(this.read(Register.deviceFeatures));
    });
    return words[0]! | (words[1]! << 32n);
  }

  accept(features: bigint): void {
    for (const select of [0, 1]) {
      this.write(Register.driverFeaturesSelect, select);
      this.write(Register.driverFeatures, Number((features >> BigInt(32 * select)) & 0xffff_ffffn));
    }
  }

  /** All of the initialization sequence (virtio 1.2 §3.1.1) with so many entries in each queue. */
  start(features = VERSION_1, size = 8): void {
    this.write(Register.status, 0);
    this.write(Register.status, ACKNOWLEDGE | DRIVER);
    this.accept(features);
    this.write(Register.status, ACKNOWLEDGE | DRIVER | FEATURES_OK);
    for (let queue = 0; this.selectQueue(queue); queue++) this.makeReady(queue, size);
    this.write(Register.status, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
  }

  selectQueue(queue: number): boolean {
    this.write(Register.queueSelect, queue);
    return this.read(Register.queueSizeMax) > 0;
  }

  makeReady(queue: number, size: number, at = part(queue)): void {
    this.write(Register.queueSelect, queue);
    this.write(Register.queueSize, size);
    this.write(Register.descriptorsLow, at.descriptors);
    this.write(Register.descriptorsHigh, 0);
    this.write(Register.availableLow, at.available);
    this.write(Register.usedLow, at.used);
    this.write(Register.queueReady, 1);
    this.sizes[queue] = size;
    this.made[queue] = this.seen[queue] = 0;
  }

  describe(queue: number, index: number, fields: DescriptorFields): void {
    this.writeDescriptor(part(queue).descriptors + index * 16, fields);
  }

  writeDescriptor(at: number, { address, length, flags = 0, next = 0 }: DescriptorFields): void {
    const host = this.memory.hostAddress(at);
    this.memory.view.setBigUint64(host, BigInt(address), true);
    this.memory.view.setUint32(host + 8, length, true);
    this.memory.view.setUint16(host + 12, flags, true);
    this.memory.view.setUint16(host + 14, next, true);
  }

  /** Makes the chain at a descriptor available, without a notification. */
  offer(queue: number, head: number): void {
    const made = this.made[queue]!;
    this.write16(part(queue).available + 4 + (made % this.sizes[queue]!) * 2, head);
    this.made[queue] = (made + 1) & 0xffff;
    this.write16(part(queue).available + 2, this.made[queue]);
  }

  notify(queue: number): void {
    this.write(Register.queueNotify, queue);
  }

  /** A request of these bytes with room for an answer of these lengths, in one descriptor each; returns what came back. */
  request(queue: number, give: readonly Uint8Array[], room: readonly number[]): Uint8Array | undefined {
    let at = DATA;
    const count = give.length + room.length;
    const lengths = [...give.map((bytes) => bytes.length), ...room];
    lengths.forEach((length, index) => {
      const bytes = give[index];
      if (bytes) this.memory.write(at, bytes);
      const flags = (bytes ? 0 : WRITE) | (index + 1 < count ? NEXT : 0);
      this.describe(queue, index, { address: at, length, flags, next: index + 1 });
      at += length;
    });
    this.offer(queue, 0);
    this.notify(queue);
    const answer = DATA + give.reduce((sum, bytes) => sum + bytes.length, 0);
    const used = this.collect(queue);
    return (
      used &&
      this.memory.read(
        answer,
        room.reduce((sum, length) => sum + length, 0),
      )
    );
  }

  /** The next used element, if there is one. */
  collect(queue: number): { readonly id: number; readonly length: number } | undefined {
    const { used } = part(queue);
    const seen = this.seen[queue]!;
    if (this.read16(used + 2) === seen) return undefined;
    this.seen[queue] = (seen + 1) & 0xffff;
    const at = this.memory.hostAddress(used + 4 + (seen % this.sizes[queue]!) * 8);
    return {
      id: this.memory.view.getUint32(at, true),
      length: this.memory.view.getUint32(at + 4, true),
    };
  }

  get status(): number {
    return this.read(Register.status);
  }

  read16(address: number): number {
    return this.memory.view.getUint16(this.memory.hostAddress(address), true);
  }

  write16(address: number, value: number): void {
    this.memory.view.setUint16(this.memory.hostAddress(address), value, true);
  }
}
