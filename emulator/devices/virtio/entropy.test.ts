import assert from 'node:assert/strict';
import { Driver } from './driver.test-support';
import { VirtioEntropy } from './entropy';

function bytesFor(seed: bigint, ...lengths: number[]): string {
  const driver = new Driver(new VirtioEntropy(seed));
  driver.start();
  return lengths.map((length) => Buffer.from(driver.request(0, [], [length])!).toString('hex')).join();
}

describe('virtio entropy', () => {
  it('gives the same bytes for the same seed, others for another, and never the same again', () => {
    assert.equal(bytesFor(7n, 16, 16), bytesFor(7n, 16, 16));
    assert.notEqual(bytesFor(7n, 16), bytesFor(8n, 16));
    assert.notEqual(bytesFor(7n, 16), bytesFor(7n + (1n << 32n), 16));
    const [first, second] = bytesFor(7n, 16, 16).split(',');
    assert.notEqual(first, second);
  });

  it('spreads over all bytes', () => {
    const counts = new Array<number>(256).fill(0);
    for (const byte of Buffer.from(bytesFor(0n, 4096), 'hex')) counts[byte]!++;
    // 16 of each are expected; a generator worth its name stays far from these bounds.
    for (const count of counts) assert.ok(count > 0 && count < 48);
  });

  it('shows in its state how much it gave', () => {
    const device = new VirtioEntropy(0n);
    const before = device.state();
    const driver = new Driver(device);
    driver.start();
    driver.request(0, [], [1]);
    assert.notDeepEqual(device.state(), before);
  });
});
