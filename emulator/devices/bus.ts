import type { Device } from '../core/api';

export type AccessSize = 1 | 2 | 4 | 8;

/** A device with the access widths it answers; others are access faults. */
export interface BusDevice extends Device {
  readonly accessSizes: readonly AccessSize[];
}

/** Finds the device at a physical address. `undefined` and false are access faults (priv 1.13 §3.7.1 calls these vacant regions). */
export class Bus {
  readonly devices: readonly BusDevice[];
  /** The device that was found last: drivers talk to one for a while. */
  private latest: BusDevice | undefined;

  constructor(devices: readonly BusDevice[]) {
    this.devices = devices;
  }

  read(hart: number, address: number, size: AccessSize): bigint | undefined {
    const device = this.find(address, size);
    return device && BigInt.asUintN(size * 8, device.read(hart, address - device.base, size));
  }

  write(hart: number, address: number, size: AccessSize, value: bigint): boolean {
    const device = this.find(address, size);
    device?.write(hart, address - device.base, size, BigInt.asUintN(size * 8, value));
    return device !== undefined;
  }

  private find(address: number, size: AccessSize): BusDevice | undefined {
    if (address % size !== 0) return undefined;
    const answers = (device: BusDevice): boolean =>
      address >= device.base && address + size <= device.base + device.size;
    if (this.latest === undefined || !answers(this.latest)) this.latest = this.devices.find(answers);
    return this.latest?.accessSizes.includes(size) ? this.latest : undefined;
  }
}
