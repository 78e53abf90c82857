import { MemoryMap } from '../memory-map';
import type { AccessSize, BusDevice } from './bus';

/**
 * The mask ROM, data only: harts start at their entry with the registers that QEMU's reset vector would have set, and
 * `fw_dynamic_info` lies where that vector has it.
 */
export class BootRom implements BusDevice {
  readonly name = 'rom';
  readonly base = MemoryMap.bootRom.base;
  readonly size = MemoryMap.bootRom.size;
  readonly accessSizes = [1, 2, 4, 8] as const;
  private readonly content: DataView;

  /** @param data placed at `offset` bytes from the ROM's base; the rest reads as zero. */
  constructor(data: Uint8Array, offset: number) {
    const content = new Uint8Array(this.size);
    content.set(data, offset);
    this.content = new DataView(content.buffer);
  }

  read(_hart: number, offset: number, size: AccessSize): bigint {
    switch (size) {
      case 1:
        return BigInt(this.content.getUint8(offset));
      case 2:
        return BigInt(this.content.getUint16(offset, true));
      case 4:
        return BigInt(this.content.getUint32(offset, true));
      case 8:
        return this.content.getBigUint64(offset, true);
    }
  }

  write(): void {
    // Stores to a ROM are lost.
  }

  state(): readonly number[] {
    return [];
  }
}
