import { InterruptLine } from '../core/api';
import { MemoryMap } from '../memory-map';
import type { AccessSize, BusDevice } from './bus';

const MTIMECMP = 0x4000;
const MTIME = 0xbff8;
const NEVER = 0xffff_ffff_ffff_ffffn;

/** What the CLINT needs of the board. */
interface ClintHost {
  mtime(): bigint;
  setMtime(value: bigint): void;
  setLine(hart: number, line: InterruptLine, level: boolean): void;
  /** A deadline or the time itself has changed. */
  timersChanged(): void;
}

/**
 * SiFive's core-local interruptor: `msip` (machine software interrupts) at 4 bytes a hart, `mtimecmp` at 8 bytes a
 * hart from 0x4000, `mtime` at 0xbff8 (FU540 manual, chapter 9). The board compares `mtime` with `mtimecmp`.
 */
export class Clint implements BusDevice {
  readonly name = 'clint';
  readonly base = MemoryMap.clint.base;
  readonly size = MemoryMap.clint.size;
  readonly accessSizes = [4, 8] as const;
  /** In ticks; all ones after reset, so that no timer is pending before the guest asks for one. */
  readonly mtimecmp: bigint[];
  private readonly msip: boolean[];
  private readonly host: ClintHost;

  constructor(harts: number, host: ClintHost) {
    this.mtimecmp = new Array<bigint>(harts).fill(NEVER);
    this.msip = new Array<boolean>(harts).fill(false);
    this.host = host;
  }

  read(_hart: number, offset: number, size: AccessSize): bigint {
    const low = this.readWord(offset & ~7);
    return size === 8 ? low : BigInt.asUintN(32, offset & 4 ? low >> 32n : low);
  }

  write(_hart: number, offset: number, size: AccessSize, value: bigint): void {
    if (size === 8) {
      this.writeWord(offset, value, ~0n);
    } else {
      const shift = offset & 4 ? 32n : 0n;
      this.writeWord(offset & ~7, value << shift, 0xffff_ffffn << shift);
    }
  }

  /** `msip` of all harts, then the compare values. */
  state(): readonly (number | bigint)[] {
    return [...this.msip.map(Number), ...this.mtimecmp];
  }

  /** The eight bytes at an offset that is a multiple of 8. */
  private readWord(offset: number): bigint {
    if (offset === MTIME) return this.host.mtime();
    if (offset >= MTIMECMP) return this.mtimecmp[(offset - MTIMECMP) / 8] ?? 0n;
    const bit = (hart: number) => (this.msip[hart] ? 1n : 0n);
    return bit(offset / 4) | (bit(offset / 4 + 1) << 32n);
  }

  /** Replaces the bits of `mask`. */
  private writeWord(offset: number, value: bigint, mask: bigint): void {
    const merged = BigInt.asUintN(64, (this.readWord(offset) & ~mask) | (value & mask));
    if (offset === MTIME) {
      this.host.setMtime(merged);
      this.host.timersChanged();
    } else if (offset >= MTIMECMP) {
      const hart = (offset - MTIMECMP) / 8;
      if (hart >= this.mtimecmp.length) return;
      this.mtimecmp[hart] = merged;
      this.host.timersChanged();
    } else {
      if (mask & 1n) this.setMsip(offset / 4, (merged & 1n) !== 0n);
      if (mask & (1n << 32n)) this.setMsip(offset / 4 + 1, ((merged >> 32n) & 1n) !== 0n);
    }
  }

  private setMsip(hart: number, level: boolean): void {
    if (hart >= this.msip.length) return;
    this.msip[hart] = level;
    this.host.setLine(hart, InterruptLine.machineSoftware, level);
  }
}
