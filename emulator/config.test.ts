import assert from 'node:assert/strict';
import { MachineConfigError, type BootImage, type MachineConfig } from './api';
import { checkConfig } from './config';

const at = (address: number, size = 16, entry = address): BootImage => ({
  segments: [{ address, data: new Uint8Array(size), memorySize: size }],
  entry,
});
const image = at(0x8020_0000);
const MIB = 1 << 20;

const rejects = (config: Partial<MachineConfig>, message: RegExp): void => {
  assert.throws(
    () => checkConfig({ image, ...config }),
    (error) => error instanceof MachineConfigError && message.test(error.message),
  );
};

describe('machine configuration', () => {
  it('has one hart, 128 MiB, the built-in firmware and the translator by default', () => {
    const { harts, memory, firmware, translate } = checkConfig({ image });
    assert.deepEqual([harts, memory, firmware, translate], [1, 128 * MIB, 'builtin', true]);
    assert.equal(checkConfig({ image, translate: false }).translate, false);
  });

  it('rejects numbers of harts that the machine cannot have', () => {
    for (const harts of [0, 9, 1.5, NaN, -1]) rejects({ harts }, /1 to 8 harts/);
  });

  it('rejects sizes of memory that are odd, too small or too large', () => {
    for (const memory of [0, 4096, 64 * MIB + 1, 4096 * MIB, NaN]) rejects({ memory }, /multiple of 4096/);
  });

  it('rejects images that are empty, damaged, or not in RAM', () => {
    rejects({ image: { segments: [], entry: 0x8000_0000 } }, /nothing to load/);
    rejects({ image: at(0x1000) }, /does not fit.*RAM is 0x80000000 to 0x88000000/);
    rejects({ image: at(0x87ff_fff8) }, /does not fit/);
    rejects({ image: at(0xffff_ffff_8000_0000) }, /does not fit/);
    rejects({ image: at(0x8000_0000, 16, 0x1000) }, /entry 0x1000 is not in RAM/);
    rejects({ image: at(0x8000_0000, 16, 0x8000_0001) }, /entry/);
    const damaged = { address: 0x8000_0000, data: new Uint8Array(8), memorySize: 4 };
    rejects({ image: { segments: [damaged], entry: 0x8000_0000 } }, /damaged/);
  });

  it('rejects firmware that overlaps the image', () => {
    rejects({ image: at(0x8000_0008), firmware: at(0x8000_0000) }, /both want the memory at 0x80000008/);
  });

  it('rejects command lines that no kernel takes and device trees that are none', () => {
    rejects({ append: 'x'.repeat(5000) }, /longer than 4096/);
    rejects({ append: 'a\0b' }, /zero byte/);
    rejects({ dtb: new Uint8Array(64) }, /dtc -O dtb/);
  });

  it('rejects ISA strings that ask for what the machine is not', () => {
    rejects({ isa: 'rv64imacv' }, /asks for v/);
    assert.deepEqual(checkConfig({ image, isa: 'rv64im' }).extensions.has('a'), false);
  });

  it('rejects disks that are empty, too many, or cannot be written as asked, and impossible times', () => {
    const store = { size: 512, read: () => true };
    rejects({ disks: new Array(7).fill({ store }) }, /6 disks at most, not 7/);
    rejects({ disks: [{ store }, { store: { ...store, size: 0 } }] }, /empty/);
    rejects({ disks: [{ store, write: true }] }, /cannot be written/);
    assert.deepEqual(checkConfig({ image, disks: [{ store }] }).disks, [{ store }]);
    for (const epoch of [-1, NaN, 0.5, 1e15]) rejects({ epoch }, /1970 to 2500/);
  });

  it('rejects a tohost word that is not in RAM', () => {
    rejects({ tohost: 0x1000 }, /tohost/);
    rejects({ tohost: 0x8000_0004 }, /tohost/);
    rejects({ fromhost: 0x1000 }, /fromhost/);
    assert.equal(checkConfig({ image, tohost: 0x8000_1000 }).tohost, 0x8000_1000);
  });
});
