import type { GuestMemory } from '../../core/guest-memory';
import { MemoryMap } from '../../memory-map';
import type { AccessSize, BusDevice } from '../bus';
import type { VirtioDevice } from './device';
import { Feature, Interrupt, MAGIC, NO_SHARED_MEMORY, Register, Status, VENDOR, VERSION } from './registers';
import { Virtqueue } from './virtqueue';

/**
 * A virtio device on its memory-mapped transport, or an empty slot: device ID 0, which drivers skip. Requests are served within the store that
 * announces them, so that they take no time and the machine stays deterministic.
 */
export class VirtioMmio implements BusDevice {
  readonly name: string;
  readonly base: number;
  readonly size = MemoryMap.virtio.size;
  readonly accessSizes = [1, 2, 4] as const;
  private readonly queues: readonly Virtqueue[];
  private readonly device: VirtioDevice | undefined;
  private readonly offered: bigint;
  private readonly setInterrupt: (level: boolean) => void;
  private accepted = 0n;
  private deviceFeaturesSelect = 0;
  private driverFeaturesSelect = 0;
  private queueSelect = 0;
  private interrupt = 0;
  private status = 0;

  /** @param slot 0 to 7, which says where it is */
  constructor(
    slot: number,
    memory: GuestMemory,
    setInterrupt: (level: boolean) => void,
    device?: VirtioDevice,
  ) {
    this.name = `virtio${slot}`;
    this.base = MemoryMap.virtio.base + slot * MemoryMap.virtio.size;
    this.device = device;
    this.offered = device ? device.features | Feature.indirect | Feature.eventIndex | Feature.version1 : 0n;
    this.setInterrupt = setInterrupt;
    const host = { used: () => this.raise(Interrupt.usedBuffer), broken: () => this.fail() };
    this.queues = (device?.queueSizes ?? []).map((size) => new Virtqueue(size, memory, host));
    device?.connect?.((index) => this.serve(index));
  }

  /** Whether a driver has taken charge, and the device works. */
  private get running(): boolean {
    return (this.status & (Status.driverOk | Status.needsReset)) === Status.driverOk;
  }

  private serve(index: number): void {
    const queue = this.queues[index];
    if (queue && this.running) this.device?.serve(index, queue);
  }

  read(_hart: number, offset: number, size: AccessSize): bigint {
    if (offset >= Register.config) return this.readConfig(offset - Register.config, size);
    return size === 4 ? BigInt.asUintN(32, this.readRegister(offset)) : 0n;
  }

  write(_hart: number, offset: number, size: AccessSize, value: bigint): void {
    if (offset >= Register.config) this.device?.writeConfig?.(offset - Register.config, Number(value));
    else if (size === 4 && this.device) this.writeRegister(offset, Number(value));
  }

  state(): readonly (number | bigint)[] {
    if (!this.device) return [];
    return [
      this.accepted,
      this.deviceFeaturesSelect,
      this.driverFeaturesSelect,
      this.queueSelect,
      this.interrupt,
      this.status,
      ...this.queues.flatMap((queue) => queue.state()),
      ...this.device.state(),
    ];
  }

  private get queue(): Virtqueue | undefined {
    return this.queues[this.queueSelect];
  }

  private readConfig(offset: number, size: AccessSize): bigint {
    let value = 0n;
    for (let index = size - 1; index >= 0; index--) {
      value = (value << 8n) | BigInt(this.device?.config[offset + index] ?? 0);
    }
    return value;
  }

  private readRegister(offset: number): bigint {
    switch (offset) {
      case Register.magic:
        return BigInt(MAGIC);
      case Register.version:
        return BigInt(VERSION);
      case Register.deviceId:
        return BigInt(this.device?.id ?? 0);
      case Register.vendorId:
        return BigInt(VENDOR);
      case Register.deviceFeatures:
        return half(this.offered, this.deviceFeaturesSelect);
      case Register.queueSizeMax:
        return BigInt(this.queue?.maxSize ?? 0);
      case Register.queueReady:
        return this.queue?.ready ? 1n : 0n;
      case Register.interruptStatus:
        return BigInt(this.interrupt);
      case Register.status:
        return BigInt(this.status);
      case Register.sharedMemoryLengthLow:
      case Register.sharedMemoryLengthHigh:
      case Register.sharedMemoryBaseLow:
      case Register.sharedMemoryBaseHigh:
        return NO_SHARED_MEMORY;
      default:
        return 0n;
    }
  }

  private writeRegister(offset: number, value: number): void {
    switch (offset) {
      case Register.deviceFeaturesSelect:
        this.deviceFeaturesSelect = value;
        break;
      case Register.driverFeaturesSelect:
        this.driverFeaturesSelect = value;
        break;
      case Register.driverFeatures:
        // What was agreed upon stays so until a reset.
        if (!(this.status & Status.featuresOk)) {
          this.accepted = withHalf(this.accepted, this.driverFeaturesSelect, value);
        }
        break;
      case Register.queueSelect:
        this.queueSelect = value;
        break;
      case Register.queueNotify:
        this.serve(value);
        break;
      case Register.interruptAcknowledge:
        this.interrupt &= ~value;
        this.setInterrupt(this.interrupt !== 0);
        break;
      case Register.status:
        this.setStatus(value & Status.all);
        break;
      default:
        if (this.queue) this.configureQueue(this.queue, offset, value);
    }
  }

  /** What a queue is made of cannot change while it is ready (virtio 1.2 §4.2.2.2). */
  private configureQueue(queue: Virtqueue, offset: number, value: number): void {
    if (offset === Register.queueReady) {
      const features = {
        indirect: (this.accepted & Feature.indirect) !== 0n,
        eventIndex: (this.accepted & Feature.eventIndex) !== 0n,
      };
      if (value === 0) queue.ready = false;
      else if (!queue.ready && !queue.start(features)) this.fail();
    }
    if (queue.ready) return;
    switch (offset) {
      case Register.queueSize:
        queue.size = value;
        break;
      case Register.descriptorsLow:
      case Register.descriptorsHigh:
        queue.descriptors = withHalf(queue.descriptors, (offset >> 2) & 1, value);
        break;
      case Register.availableLow:
      case Register.availableHigh:
        queue.available = withHalf(queue.available, (offset >> 2) & 1, value);
        break;
      case Register.usedLow:
      case Register.usedHigh:
        queue.used = withHalf(queue.used, (offset >> 2) & 1, value);
        break;
    }
  }

  private setStatus(value: number): void {
    if (value === 0) {
      this.reset();
      return;
    }
    const understood = (this.accepted & ~this.offered) === 0n && (this.accepted & Feature.version1) !== 0n;
    this.status |= understood ? value : value & ~Status.featuresOk;
  }

  private reset(): void {
    for (const queue of this.queues) queue.reset();
    this.device?.reset?.();
    this.accepted = 0n;
    this.deviceFeaturesSelect = 0;
    this.driverFeaturesSelect = 0;
    this.queueSelect = 0;
    this.status = 0;
    this.interrupt = 0;
    this.setInterrupt(false);
  }

  /** The driver has done what makes no sense: nothing more happens until it resets the device (virtio 1.2 §2.1.2). */
  private fail(): void {
    this.status |= Status.needsReset;
    if (this.status & Status.driverOk) this.raise(Interrupt.configChange);
  }

  private raise(cause: number): void {
    this.interrupt |= cause;
    this.setInterrupt(true);
  }
}

/** The low 32 bits for 0, the high ones for 1; there are no more. */
function half(value: bigint, select: number): bigint {
  return select > 1 ? 0n : value >> BigInt(select * 32);
}

function withHalf(value: bigint, select: number, half: number): bigint {
  if (select > 1) return value;
  const shift = BigInt(select * 32);
  return (value & ~(0xffff_ffffn << shift)) | (BigInt(half) << shift);
}
