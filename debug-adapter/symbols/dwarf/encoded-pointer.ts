/** Pointers as `.eh_frame` has them: with an encoding that its CIE names (LSB 5.0, "DWARF Exception Header Encoding"). */
import type { ByteReader } from '../bytes/byte-reader';

const PE = {
  absptr: 0x00,
  uleb128: 0x01,
  udata2: 0x02,
  udata4: 0x03,
  udata8: 0x04,
  sleb128: 0x09,
  sdata2: 0x0a,
  sdata4: 0x0b,
  sdata8: 0x0c,
  pcrel: 0x10,
  omit: 0xff,
} as const;
const FORMAT = 0x0f;
const APPLICATION = 0x70;
/** The address of the pointer is what is encoded: to be read from memory that is not there. */
const INDIRECT = 0x80;

/** The value in its format alone, sign-extended where that is signed; an unknown format fails the reader. */
export function readEncodedValue(reader: ByteReader, encoding: number): bigint {
  switch (encoding & FORMAT) {
    case PE.absptr:
    case PE.udata8:
      return reader.u64();
    case PE.sdata8:
      return BigInt.asIntN(64, reader.u64());
    case PE.udata4:
      return BigInt(reader.u32());
    case PE.sdata4:
      return BigInt(reader.u32() | 0);
    case PE.udata2:
      return BigInt(reader.u16());
    case PE.sdata2:
      return BigInt((reader.u16() << 16) >> 16);
    case PE.uleb128:
      return reader.uleb64();
    case PE.sleb128:
      return reader.sleb64();
    default:
      reader.fail();
      return 0n;
  }
}

/**
 * The address that is encoded at the reader's place; `sectionAddress` is that of the reader's first byte. Fails the reader for
 * those that are relative to something that kernels do not have, or that are indirect.
 */
export function readEncodedPointer(reader: ByteReader, encoding: number, sectionAddress: bigint): bigint {
  const place = sectionAddress + BigInt(reader.offset);
  const application = encoding & APPLICATION;
  if ((encoding & INDIRECT) !== 0 || (application !== 0 && application !== PE.pcrel)) {
    reader.fail();
    return 0n;
  }
  const value = readEncodedValue(reader, encoding);
  return BigInt.asUintN(64, application === PE.pcrel ? place + value : value);
}

/** Skips a pointer that nobody asks for, whatever it is relative to. */
export function skipEncodedPointer(reader: ByteReader, encoding: number): void {
  if (encoding !== PE.omit) readEncodedValue(reader, encoding);
}
