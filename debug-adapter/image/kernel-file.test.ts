import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readFirmwareFile, readKernelFile } from './kernel-file';
import { isLinuxImage, readLinuxImage } from './linux-image';
import { linuxImage } from './linux-image.test-support';

describe('Linux Image', () => {
  it('is known by either magic number', () => {
    assert.ok(isLinuxImage(linuxImage({ magic: '' })));
    assert.ok(isLinuxImage(linuxImage({ magic2: '', version: 1 })), 'Linux 5.4');
    assert.ok(!isLinuxImage(linuxImage({ magic: '', magic2: 'ARM\x64' })));
    assert.ok(!isLinuxImage(linuxImage().subarray(0, 63)));
  });

  it('goes where firmware starts a kernel, with its bss', () => {
    const { image, elf, warnings } = readKernelFile(linuxImage({ imageSize: 0x35_0000n }));
    const [segment] = image.segments;
    assert.equal(image.entry, 0x8020_0000n);
    assert.equal(segment!.physicalAddress, 0x8020_0000n);
    assert.equal(segment!.memorySize, 0x35_0000);
    assert.equal(segment!.data.length, 256);
    assert.equal(elf, undefined);
    assert.deepEqual(warnings, []);
  });

  it('goes to the start of RAM if it leaves no room for firmware', () => {
    assert.equal(readKernelFile(linuxImage({ textOffset: 0n })).image.entry, 0x8000_0000n);
  });

  it('has at least the memory that its bytes need', () => {
    assert.equal(readLinuxImage(linuxImage({ imageSize: 0n })).memorySize, 256);
  });

  it('is refused if it is big-endian, damaged, or ends before its PE header says', () => {
    assert.throws(() => readLinuxImage(linuxImage({ flags: 1n })), /big-endian/);
    assert.throws(() => readLinuxImage(linuxImage({ textOffset: 0x123n })), /text_offset 0x123/);
    assert.throws(() => readLinuxImage(linuxImage({ imageSize: 1n << 63n })), /damaged/);
    assert.throws(() => readLinuxImage(linuxImage({ peEnd: 257 })), /ends after 256 of 257 bytes/);
    assert.equal(readLinuxImage(linuxImage({ peEnd: 256 })).memorySize, 0x1000);
  });

  it('of a version that is not known is read with a warning', () => {
    assert.match(readLinuxImage(linuxImage({ version: 0x1_0000 })).warnings[0]!, /version 1\.0/);
  });

  it('is read or refused with a sentence, whatever it holds', () => {
    const noise = fc.uint8Array({ minLength: 64, maxLength: 300 });
    fc.assert(
      fc.property(noise, fc.boolean(), (bytes, pe) => {
        bytes.set(linuxImage({ ...(pe && { peEnd: 0x80 }) }).subarray(48, 60), 48);
        if (pe) bytes.set([0x4d, 0x5a]);
        try {
          const { textOffset, memorySize } = readLinuxImage(bytes);
          assert.ok(textOffset >= 0 && memorySize >= bytes.length);
        } catch (error) {
          assert.equal((error as Error).name, 'ImageError');
        }
      }),
    );
  });
});

describe('a file that is no kernel', () => {
  const sentences: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
    'an Image for AArch64': [linuxImage({ magic: '', magic2: 'ARM\x64' }), /for AArch64, not RISC-V/],
    'a bzImage': [bzImage(), /bzImage.* for x86, not RISC-V/],
    'an EFI zboot image': [Buffer.from('MZ\0\0zimg'.padEnd(64, '\0')), /vmlinuz\.efi.*use the vmlinux/],
    xz: [Buffer.from('\xfd7zXZ\0..............', 'latin1'), /xz.*xz --decompress/],
    zstd: [Buffer.from('\x28\xb5\x2f\xfd..........', 'latin1'), /zstd.*unzstd/],
    lz4: [Buffer.from('\x02\x21\x4c\x18.......', 'latin1'), /lz4.*unlz4/],
    bzip2: [Buffer.from('BZh9...........'), /bzip2.*bunzip2/],
  };
  for (const [what, [bytes, says]] of Object.entries(sentences)) {
    it(`says so of ${what}`, () => {
      assert.throws(() => readKernelFile(bytes), says);
    });
  }
});

describe('firmware', () => {
  it('in raw form goes to the start of RAM', () => {
    const { entry, segments } = readFirmwareFile(Uint8Array.of(0x13, 0, 0, 0));
    assert.equal(entry, 0x8000_0000n);
    assert.equal(segments[0]!.physicalAddress, 0x8000_0000n);
  });

  it('is not empty, and not a kernel', () => {
    assert.throws(() => readFirmwareFile(new Uint8Array()), /empty/);
    assert.throws(() => readFirmwareFile(linuxImage()), /Linux kernel, not firmware/);
  });
});

/** The magic number of its boot protocol (Linux Documentation/arch/x86/boot.rst). */
function bzImage(): Uint8Array {
  const bytes = Buffer.alloc(0x300);
  bytes.write('MZ', 0, 'latin1');
  bytes.write('HdrS', 0x202, 'latin1');
  return bytes;
}
