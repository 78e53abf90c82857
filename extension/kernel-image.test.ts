import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readKernelImage, replacesFirmware } from './kernel-image';
import { elfFile } from './kernel-image.test-support';

const ramStart = 0x8000_0000n;

describe('the look at the beginning of a file', () => {
  it('takes a linked RV64 program and its lowest physical address for a kernel', () => {
    const segments = [
      { kind: 1, physical: 0x8040_0000n },
      { kind: 1, physical: 0x8020_0000n },
    ];
    assert.deepEqual(readKernelImage(elfFile({ segments })), { loadAddress: 0x8020_0000n });
  });

  it('leaves out 32-bit files, other machines, object files and programs for a dynamic linker', () => {
    assert.equal(readKernelImage(elfFile({ elfClass: 1 })), undefined);
    assert.equal(readKernelImage(elfFile({ machine: 62 })), undefined);
    assert.equal(readKernelImage(elfFile({ type: 1 })), undefined);
    assert.equal(readKernelImage(elfFile({ segments: [{ kind: 3, physical: 0n }] })), undefined);
  });

  it('answers for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, asElf) => {
        const file = asElf ? Uint8Array.from([...elfFile().subarray(0, 20), ...bytes]) : bytes;
        const image = readKernelImage(file);
        assert.ok(image === undefined || 'loadAddress' in image);
      }),
    );
  });

  it('knows that what lies at the start of RAM replaces the firmware, and what lies 2 MiB above does not', () => {
    assert.equal(replacesFirmware({ loadAddress: ramStart }), true);
    assert.equal(replacesFirmware({ loadAddress: ramStart + 0x20_0000n }), false);
    assert.equal(replacesFirmware({ loadAddress: undefined }), false);
  });
});
