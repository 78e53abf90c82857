import assert from 'node:assert/strict';
import { GoldfishRtc } from './rtc';

const [TIME_LOW, TIME_HIGH, ALARM_LOW, ALARM_HIGH, ENABLE, CLEAR_ALARM, ALARM_STATUS, CLEAR_INTERRUPT] = [
  0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x18, 0x1c,
];
const EPOCH = Date.UTC(2026, 0);

describe('goldfish real-time clock', () => {
  let uptime: number;
  let interrupt: boolean;
  let changes: number;
  let rtc: GoldfishRtc;
  beforeEach(() => {
    uptime = 0;
    interrupt = false;
    changes = 0;
    rtc = new GoldfishRtc(EPOCH, {
      uptime: () => uptime,
      setInterrupt: (level) => (interrupt = level),
      alarmChanged: () => changes++,
    });
  });

  const write = (register: number, value: bigint) => rtc.write(0, register, 4, value & 0xffff_ffffn);
  const time = () => rtc.read(0, TIME_LOW) | (rtc.read(0, TIME_HIGH) << 32n);
  const setAlarm = (at: bigint) => {
    write(ALARM_HIGH, at >> 32n);
    write(ALARM_LOW, at);
  };
  const epoch = BigInt(EPOCH) * 1_000_000n;

  it('shows the configured time plus 100 ns a tick', () => {
    assert.equal(time(), epoch);
    uptime = 12_345;
    assert.equal(time(), epoch + 1_234_500n);
  });

  it('keeps the high half as it was when the low one was read', () => {
    rtc.read(0, TIME_LOW);
    uptime = 2 ** 40;
    assert.equal(rtc.read(0, TIME_HIGH), epoch >> 32n);
  });

  it('can be set, and goes on from there', () => {
    const set = 0x1234_5678_9abc_def0n;
    write(TIME_HIGH, set >> 32n);
    write(TIME_LOW, set);
    uptime = 10;
    assert.equal(time(), set + 1000n);
  });

  it('rings at the alarm, interrupts if that is enabled, until it is acknowledged', () => {
    write(ENABLE, 1n);
    setAlarm(epoch + 1001n);
    assert.equal(changes, 1);
    assert.equal(rtc.alarmTicks, 11, 'not before the time');
    assert.equal(rtc.read(0, ALARM_STATUS), 1n);
    assert.equal(rtc.read(0, ALARM_LOW) | (rtc.read(0, ALARM_HIGH) << 32n), epoch + 1001n);
    uptime = 11;
    rtc.ring();
    assert.deepEqual([rtc.alarmTicks, interrupt, rtc.read(0, ALARM_STATUS)], [undefined, true, 0n]);
    write(CLEAR_INTERRUPT, 1n);
    assert.equal(interrupt, false);
    setAlarm(epoch + 2000n);
    write(ENABLE, 0n);
    rtc.ring();
    assert.equal(interrupt, false);
    write(ENABLE, 1n);
    assert.equal(interrupt, true);
  });

  it('rings at once for an alarm in the past, never for one that is cleared or years away', () => {
    setAlarm(0n);
    assert.equal(rtc.alarmTicks, 0);
    write(CLEAR_ALARM, 1n);
    assert.equal(rtc.alarmTicks, undefined);
    setAlarm((1n << 64n) - 1n);
    assert.equal(rtc.alarmTicks, undefined);
  });
});
