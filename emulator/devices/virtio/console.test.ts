import assert from 'node:assert/strict';
import { VirtioConsole } from './console';
import { DATA, Driver, WRITE } from './driver.test-support';
import { Register } from './registers';

const [RECEIVE, TRANSMIT] = [0, 1];
const bytes = (text: string) => new TextEncoder().encode(text);

describe('virtio console', () => {
  let output: string;
  let device: VirtioConsole;
  let driver: Driver;
  beforeEach(() => {
    output = '';
    device = new VirtioConsole((sent) => (output += Buffer.from(sent).toString()));
    driver = new Driver(device);
  });

  const room = (index: number, length: number) => {
    driver.describe(RECEIVE, index, { address: DATA + 0x1000 * index, length, flags: WRITE });
    driver.offer(RECEIVE, index);
    driver.notify(RECEIVE);
  };
  const received = () => {
    const used = driver.collect(RECEIVE);
    return used && Buffer.from(driver.memory.read(DATA + 0x1000 * used.id, used.length)!).toString();
  };

  it('sends what the transmit queue holds', () => {
    driver.start();
    driver.request(TRANSMIT, [bytes('hello, '), bytes('world')], []);
    assert.equal(output, 'hello, world');
  });

  it('puts input into the room that the driver gives, and keeps the rest until there is more', () => {
    driver.start();
    room(0, 4);
    assert.equal(received(), undefined);
    device.receive(bytes('abcdefghi'));
    assert.equal(driver.interrupt, true);
    assert.equal(received(), 'abcd');
    room(1, 4);
    room(2, 4);
    assert.deepEqual([received(), received(), received()], ['efgh', 'i', undefined]);
  });

  it('keeps input from before there was a driver', () => {
    device.receive(bytes('early'));
    driver.start();
    assert.notDeepEqual(device.state(), new VirtioConsole(() => undefined).state());
    room(0, 16);
    assert.equal(received(), 'early');
  });

  it('sends an emergency byte before there is a driver', () => {
    for (const byte of bytes('!?')) driver.write(Register.config + 8, byte);
    assert.equal(output, '!?');
  });
});
