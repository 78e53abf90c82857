/** Flat images made by hand. */

interface TinyImage {
  /** What follows the header; the image's first instruction jumps there. */
  readonly code?: readonly number[];
  readonly textOffset?: bigint;
  readonly imageSize?: bigint;
  readonly flags?: bigint;
  readonly version?: number;
  readonly magic?: string;
  readonly magic2?: string;
  /** Bytes that the only section of the PE header claims to end at; no PE header without it. */
  readonly peEnd?: number;
}

/** Documentation/arch/riscv/boot-image-header.rst. */
export function linuxImage({
  code = [],
  textOffset = 0x20_0000n,
  imageSize = 0x1000n,
  flags = 0n,
  version = 2,
  magic = 'RISCV\0\0\0',
  magic2 = 'RSC\x05',
  peEnd,
}: TinyImage = {}): Buffer {
  const image = Buffer.alloc(256 + 4 * code.length);
  image.writeUInt32LE(0x1000_006f, 0); // j 256
  image.writeBigUInt64LE(textOffset, 8);
  image.writeBigUInt64LE(imageSize, 16);
  image.writeBigUInt64LE(flags, 24);
  image.writeUInt32LE(version, 32);
  image.write(magic, 48, 'latin1');
  image.write(magic2, 56, 'latin1');
  if (peEnd !== undefined) {
    image.write('MZ', 0, 'latin1');
    image.writeUInt32LE(64, 60);
    image.write('PE\0\0', 64, 'latin1');
    image.writeUInt16LE(1, 68 + 2);
    image.writeUInt32LE(peEnd - 0x80, 88 + 16);
    image.writeUInt32LE(0x80, 88 + 20);
  }
  code.forEach((word, index) => image.writeUInt32LE(word >>> 0, 256 + 4 * index));
  return image;
}
