/** Linux's flat `Image`: the header in its first 64 bytes (Documentation/arch/riscv/boot-image-header.rst). */
import { ImageError } from './image-error';

interface LinuxImage {
  /** Where the image wants to be, from the start of RAM; a multiple of 2 MiB for a kernel that runs in S-mode. */
  readonly textOffset: number;
  /** Bytes in memory, with the bss that the file does not hold. */
  readonly memorySize: number;
  /** What is worth telling the user. */
  readonly warnings: readonly string[];
}

const headerSize = 64;
const At = { textOffset: 8, imageSize: 16, flags: 24, version: 32, magic: 48, magic2: 56, pe: 60 } as const;
const magic = 'RISCV\0\0\0';
/** Since version 0.2 of the header (Linux 5.5); the other may disappear. */
const magic2 = 'RSC\x05';
const bigEndian = 1n;
/** The version that Linux writes since 5.5. A new major version would be an incompatible header. */
const knownMajor = 0;
/** More than RAM can be. */
const mostMemory = 2n ** 31n;

export function isLinuxImage(bytes: Uint8Array): boolean {
  return bytes.length >= headerSize && (matches(bytes, At.magic, magic) || matches(bytes, At.magic2, magic2));
}

/**
 * Reads the header of what {@link isLinuxImage}.
 * @throws ImageError if it cannot be loaded
 */
export function readLinuxImage(bytes: Uint8Array): LinuxImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const textOffset = view.getBigUint64(At.textOffset, true);
  const imageSize = view.getBigUint64(At.imageSize, true);
  const version = view.getUint32(At.version, true);
  if (view.getBigUint64(At.flags, true) & bigEndian) {
    throw new ImageError(
      'The Linux image is for a big-endian kernel, and the machine is little-endian: build it without CONFIG_CPU_BIG_ENDIAN.',
    );
  }
  if (textOffset >= mostMemory || imageSize >= mostMemory || textOffset % 4096n !== 0n) {
    throw new ImageError(
      `The header of the Linux image is damaged (text_offset 0x${textOffset.toString(16)}, image_size 0x${imageSize.toString(16)}): build or copy it again.`,
    );
  }
  const end = fileEnd(bytes, view);
  if (end > bytes.length) {
    throw new ImageError(
      `The Linux image ends after ${bytes.length} of ${end} bytes: it is incomplete. Build or copy it again.`,
    );
  }
  const major = version >>> 16;
  return {
    textOffset: Number(textOffset),
    memorySize: Math.max(Number(imageSize), bytes.length),
    warnings:
      major === knownMajor
        ? []
        : [
            `The header of the Linux image has version ${major}.${version & 0xffff}, which is not known here: it is read as version 0.2.`,
          ],
  };
}

/**
 * Where the file ends by its own account. An image with an EFI stub says it in the PE header that its code begins with ("MZ" is an
 * instruction, too); others do not (PE format, "COFF File Header" and "Section Table").
 */
function fileEnd(bytes: Uint8Array, view: DataView): number {
  const pe = view.getUint32(At.pe, true);
  const coff = pe + 4;
  if (!matches(bytes, 0, 'MZ') || coff + 20 > bytes.length || !matches(bytes, pe, 'PE\0\0')) return 0;
  const sections = coff + 20 + view.getUint16(coff + 16, true);
  let end = 0;
  for (let index = 0; index < view.getUint16(coff + 2, true); index++) {
    const section = sections + 40 * index;
    if (section + 40 > bytes.length) break;
    end = Math.max(end, view.getUint32(section + 16, true) + view.getUint32(section + 20, true));
  }
  return end;
}

function matches(bytes: Uint8Array, offset: number, text: string): boolean {
  return Array.from(text).every((character, index) => bytes[offset + index] === character.charCodeAt(0));
}
