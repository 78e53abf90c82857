import { MemoryMap, TIMEBASE_HZ } from '../memory-map';
import type { AccessSize, BusDevice } from './bus';

/** Registers (Android's goldfish platform, "Goldfish RTC"; Linux drivers/rtc/rtc-goldfish.c). */
const Register = {
  timeLow: 0x00,
  timeHigh: 0x04,
  alarmLow: 0x08,
  alarmHigh: 0x0c,
  interruptEnabled: 0x10,
  clearAlarm: 0x14,
  alarmStatus: 0x18,
  clearInterrupt: 0x1c,
} as const;

const NANOSECONDS_PER_TICK = BigInt(1e9 / TIMEBASE_HZ);
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
/** Alarms further away than this (over ten years) never go off; it keeps tick counts exact. */
const FOREVER = 2n ** 52n;
const LOW = 0xffff_ffffn;

/** What the clock needs of the board. */
interface RtcHost {
  /** Ticks since power-on. */
  uptime(): number;
  setInterrupt(level: boolean): void;
  /** The alarm was set or cleared. */
  alarmChanged(): void;
}

/**
 * The goldfish real-time clock: nanoseconds since 1970 in two halves, and one alarm. It shows a configured time at power-on
 * and goes with virtual time, not with the host's.
 */
export class GoldfishRtc implements BusDevice {
  readonly name = 'rtc';
  readonly base = MemoryMap.rtc.base;
  readonly size = MemoryMap.rtc.size;
  readonly accessSizes = [4] as const;
  private readonly host: RtcHost;
  /** What the clock shows at tick 0, in nanoseconds. */
  private offset: bigint;
  /** The high half of the time, as of the last read of the low one. */
  private timeHigh = 0n;
  private alarm = 0n;
  private armed = false;
  private enabled = false;
  private pending = false;

  /** @param epoch milliseconds since 1970 at power-on */
  constructor(epoch: number, host: RtcHost) {
    this.offset = BigInt(epoch) * NANOSECONDS_PER_MILLISECOND;
    this.host = host;
  }

  /** Ticks since power-on at which the alarm goes off; `undefined` if it is not set. */
  get alarmTicks(): number | undefined {
    if (!this.armed) return undefined;
    const wait = this.alarm - this.offset;
    const ticks = wait <= 0n ? 0n : (wait + NANOSECONDS_PER_TICK - 1n) / NANOSECONDS_PER_TICK;
    return ticks < FOREVER ? Number(ticks) : undefined;
  }

  /** The time of the alarm has come. */
  ring(): void {
    this.armed = false;
    this.pending = true;
    this.updateInterrupt();
  }

  read(_hart: number, offset: number): bigint {
    switch (offset) {
      case Register.timeLow: {
        const time = this.now();
        this.timeHigh = time >> 32n;
        return time & LOW;
      }
      case Register.timeHigh:
        return this.timeHigh;
      case Register.alarmLow:
        return this.alarm & LOW;
      case Register.alarmHigh:
        return this.alarm >> 32n;
      case Register.interruptEnabled:
        return this.enabled ? 1n : 0n;
      case Register.alarmStatus:
        return this.armed ? 1n : 0n;
      default:
        return 0n;
    }
  }

  write(_hart: number, offset: number, _size: AccessSize, value: bigint): void {
    switch (offset) {
      // The low half takes effect with the high one that was written before it.
      case Register.timeLow:
        this.set((this.now() & ~LOW) | value);
        break;
      case Register.timeHigh:
        this.set((this.now() & LOW) | (value << 32n));
        break;
      case Register.alarmLow:
        this.alarm = (this.alarm & ~LOW) | value;
        this.armed = true;
        this.host.alarmChanged();
        break;
      case Register.alarmHigh:
        this.alarm = (this.alarm & LOW) | (value << 32n);
        break;
      case Register.interruptEnabled:
        this.enabled = (value & 1n) !== 0n;
        this.updateInterrupt();
        break;
      case Register.clearAlarm:
        this.armed = false;
        this.host.alarmChanged();
        break;
      case Register.clearInterrupt:
        this.pending = false;
        this.updateInterrupt();
        break;
    }
  }

  state(): readonly (number | bigint)[] {
    const { offset, timeHigh, alarm, armed, enabled, pending } = this;
    return [offset, timeHigh, alarm, Number(armed), Number(enabled), Number(pending)];
  }

  private now(): bigint {
    return BigInt.asUintN(64, this.offset + BigInt(this.host.uptime()) * NANOSECONDS_PER_TICK);
  }

  private set(time: bigint): void {
    this.offset += time - this.now();
    this.host.alarmChanged();
  }

  private updateInterrupt(): void {
    this.host.setInterrupt(this.enabled && this.pending);
  }
}
