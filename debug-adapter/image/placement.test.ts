import assert from 'node:assert/strict';
import { tinyElf, type TinyElf } from '../../test/cli/tiny-elf.test-support';
import type { ProgramSegment } from '../symbols/api';
import { readElf } from '../symbols/elf/elf-file';
import { symbolValues } from './elf-symbols';
import { physicalAddress, placeFirmware, placeKernel } from './placement';
import { belongTogether } from './build-id';
import { fitSymbols } from './symbol-file';

const elf = (of: Partial<TinyElf>) => readElf(tinyElf({ code: [0x13], ...of }));
const segment = (virtualAddress: bigint, physical: bigint, data = new Uint8Array(0x100)): ProgramSegment => ({
  virtualAddress,
  physicalAddress: physical,
  data,
  memorySize: data.length,
  executable: true,
});

describe('placement', () => {
  it('leaves an executable where it asks to be', () => {
    assert.equal(placeKernel(elf({ address: 0x8000_0000n })).entry, 0x8000_0000n);
    assert.equal(placeKernel(elf({ address: 0x9000_0000n })).entry, 0x9000_0000n);
  });

  it('moves a vmlinux that counts physical addresses from 0 to where firmware starts it, as a whole', () => {
    const base = 0xffff_ffff_8000_0000n;
    const vmlinux = {
      ...elf({}),
      entry: base + 0x10n,
      segments: [segment(base, 0n), segment(base + 0x1000n, 0x1000n)],
    };
    const { entry, segments } = placeKernel(vmlinux);
    assert.equal(entry, 0x8020_0010n);
    assert.deepEqual(
      segments.map((one) => one.physicalAddress),
      [0x8020_0000n, 0x8020_1000n],
    );
    assert.equal(physicalAddress(segments, base + 0x1008n), 0x8020_1008n);
    assert.equal(physicalAddress(segments, 0x1234n), 0x1234n, 'an address that is physical already');
  });

  it('says of a program that is linked where no RAM is what to do', () => {
    assert.throws(() => placeKernel(elf({ address: 0x1_0000n })), /linked for address 0x10000.*initrd/);
    assert.throws(() => placeKernel(elf({ address: 0n, type: 3 })), /linked for address 0x0/);
  });

  it('puts position-independent firmware at the start of RAM', () => {
    assert.equal(placeFirmware(elf({ address: 0n, type: 3 })).entry, 0x8000_0000n);
    assert.equal(placeFirmware(elf({ address: 0x8000_0000n })).entry, 0x8000_0000n);
  });
});

describe('symbols of an ELF file', () => {
  it('are found by name, those of them that there are', () => {
    const file = elf({ symbols: { tohost: 0x8000_1000n, tohost2: 5n, fromhost: 0xffff_ffff_8000_0008n } });
    assert.deepEqual(
      [...symbolValues(file, ['tohost', 'fromhost', 'nothing'])],
      [
        ['tohost', 0x8000_1000n],
        ['fromhost', 0xffff_ffff_8000_0008n],
      ],
    );
  });
});

describe('symbols for an image', () => {
  const base = 0xffff_ffff_8000_0000n;
  const id = [4, 4, 3].flatMap((word) => [word, 0, 0, 0]);
  const note = (last: number) => Uint8Array.from([...id, 0x47, 0x4e, 0x55, 0, 1, 2, 3, last]);
  /** Another note comes first, as Linux's own does. */
  const before = Uint8Array.from([...[5, 1, 9].flatMap((word) => [word, 0, 0, 0]), ...new Uint8Array(12)]);
  const vmlinux = (notes: Uint8Array, data = new Uint8Array(0)) => {
    const file = elf({});
    const stored = Uint8Array.from([...before, ...notes]);
    const section = { ...file.sections[1]!, type: 7, address: base + 0x40n, stored };
    return { ...file, sections: [section], segments: [{ ...segment(base, 0n, data), memorySize: 0x200 }] };
  };
  const bytes = new Uint8Array(0x180);
  bytes.set(before, 0x40);
  bytes.set(note(9), 0x40 + before.length);
  const image = { segments: [segment(0x8020_0000n, 0x8020_0000n, bytes)], entry: 0x8020_0000n };

  it('lie where the image is, with its bytes', () => {
    const { segments } = fitSymbols(image, vmlinux(note(9)));
    assert.equal(segments[0]!.virtualAddress, base);
    assert.equal(segments[0]!.physicalAddress, 0x8020_0000n);
    assert.deepEqual(segments[0]!.data, bytes);
  });

  it('belong to it if its build id is theirs', () => {
    assert.equal(fitSymbols(image, vmlinux(note(9))).belongs, true);
    assert.equal(fitSymbols(image, vmlinux(note(8))).belongs, false);
  });

  it('may belong to it if nothing tells', () => {
    assert.equal(fitSymbols(image, vmlinux(new Uint8Array())).belongs, undefined);
    assert.equal(belongTogether(vmlinux(note(9)), [segment(base, 0n, bytes.subarray(0, 0x50))]), undefined);
    const cut = vmlinux(note(9).subarray(0, 15));
    assert.equal(fitSymbols(image, cut).belongs, undefined);
  });
});
