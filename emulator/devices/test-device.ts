import type { MachineExit } from '../api';
import { MemoryMap } from '../memory-map';
import type { AccessSize, BusDevice } from './bus';

/** Values of the low half of the device's only register; the high half is an exit code (SiFive's test finisher). */
const PASS = 0x5555;
const FAIL = 0x3333;
const RESET = 0x7777;

/**
 * SiFive's test finisher: ends the machine. The device tree offers it to `syscon-poweroff` and `syscon-reboot` too.
 * A failure that comes without a code is reported as 1: it must not look like success.
 */
export class TestDevice implements BusDevice {
  readonly name = 'test';
  readonly base = MemoryMap.testDevice.base;
  readonly size = MemoryMap.testDevice.size;
  readonly accessSizes = [2, 4] as const;
  private readonly end: (exit: MachineExit) => void;

  constructor(end: (exit: MachineExit) => void) {
    this.end = end;
  }

  read(): bigint {
    return 0n;
  }

  write(_hart: number, offset: number, _size: AccessSize, value: bigint): void {
    if (offset !== 0) return;
    const code = Number(value >> 16n);
    switch (Number(value & 0xffffn)) {
      case PASS:
        this.end({ kind: 'power-off', code: 0 });
        break;
      case FAIL:
        this.end({ kind: 'test-device', code: code === 0 ? 1 : code });
        break;
      case RESET:
        this.end({ kind: 'reset', code: 0 });
        break;
    }
  }

  state(): readonly number[] {
    return [];
  }
}
