import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MachineConfigError, type BootImage, type MachineConfig } from './api';
import { planBoot } from './boot';
import { checkConfig } from './config';

const MIB = 1 << 20;
const RAM = 0x8000_0000;

const at = (address: number, memorySize: number): BootImage => ({
  segments: [{ address, data: new Uint8Array(0), memorySize }],
  entry: address,
});
const plan = (config: MachineConfig) => planBoot(checkConfig(config));

describe('boot plan', () => {
  it('puts the device tree on top of RAM and the initial RAM disk below it, on pages', () => {
    const { segments, deviceTreeAddress } = plan({ image: at(RAM, MIB), initrd: new Uint8Array(5000) });
    const [, tree, initrd] = segments;
    assert.equal(tree!.address, deviceTreeAddress);
    assert.ok(deviceTreeAddress > RAM + 127 * MIB && deviceTreeAddress + tree!.data.length < RAM + 128 * MIB);
    assert.ok(initrd!.address + 5000 <= deviceTreeAddress && initrd!.address > RAM + 126 * MIB);
    assert.equal(deviceTreeAddress % 4096, 0);
    assert.equal(initrd!.address % 4096, 0);
  });

  it('goes around an image at the top of RAM', () => {
    const image = at(RAM + 120 * MIB, 8 * MIB);
    const { deviceTreeAddress } = plan({ image });
    assert.ok(deviceTreeAddress < RAM + 120 * MIB);
  });

  it('never lets two parts overlap, or says that they do not fit', () => {
    const input = fc.record({
      memory: fc.integer({ min: 1, max: 16 }).map((mib) => mib * MIB),
      start: fc.nat(15 * MIB),
      size: fc.integer({ min: 1, max: 15 * MIB }),
      initrd: fc.nat(4 * MIB),
    });
    fc.assert(
      fc.property(input, ({ memory, start, size, initrd }) => {
        fc.pre(start + size <= memory && start % 2 === 0 && size >= 2);
        try {
          const { segments } = plan({ image: at(RAM + start, size), memory, initrd: new Uint8Array(initrd) });
          const sorted = [...segments].sort((a, b) => a.address - b.address);
          sorted.forEach((segment, index) => {
            const end = sorted[index + 1]?.address ?? RAM + memory;
            assert.ok(segment.address >= RAM && segment.address + segment.memorySize <= end);
          });
        } catch (error) {
          assert.ok(error instanceof MachineConfigError, String(error));
          assert.match(error.message, /does not fit/);
        }
      }),
    );
  });

  it('tells firmware where the next stage is', () => {
    const { dynamicInfo, entry } = plan({ image: at(RAM + 2 * MIB, MIB), firmware: at(RAM, MIB) });
    assert.equal(entry, RAM);
    const words = [...new BigUint64Array(dynamicInfo!.buffer)];
    assert.deepEqual(words, [0x4942_534fn, 2n, 0x8020_0000n, 1n, 0n, 0xffff_ffff_ffff_ffffn]);
  });

  it('hands on a device tree that it is given', () => {
    const dtb = plan({ image: at(RAM, MIB) }).deviceTree;
    assert.equal(plan({ image: at(RAM, MIB), dtb, append: 'ignored' }).deviceTree, dtb);
  });
});
