/**
 * The entries of `.debug_frame` (DWARF 5 §6.4.1) and `.eh_frame` (LSB 5.0, "Exception Frames"): a common information entry (CIE)
 * has what many frame description entries (FDE) share, each of which describes one function.
 */
import { ByteReader } from '../bytes/byte-reader';
import { readEncodedPointer, readEncodedValue, skipEncodedPointer } from './encoded-pointer';
import { readInitialLength } from './units';

export interface FrameSection {
  /** `.debug_frame` */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where the section is linked: pointers in `.eh_frame` are relative to their own place. */
  readonly address: bigint;
  /** Of the form of `.eh_frame`. */
  readonly isExceptionHandling: boolean;
}

/** Call frame instructions: `[start, end)` of the section. */
export interface Instructions {
  readonly start: number;
  readonly end: number;
}

export interface CommonEntry {
  readonly codeFactor: number;
  readonly dataFactor: number;
  readonly returnAddressRegister: number;
  readonly isSignalFrame: boolean;
  /** How FDEs write addresses; `undefined` for plain ones of `addressSize` bytes. */
  readonly pointerEncoding: number | undefined;
  readonly addressSize: number;
  readonly segmentSize: number;
  /** FDEs have augmentation data. */
  readonly augmented: boolean;
  readonly instructions: Instructions;
}

/** An FDE: how to unwind `[start, end)`. */
export interface DescriptionEntry {
  readonly common: CommonEntry;
  readonly start: bigint;
  readonly end: bigint;
  readonly instructions: Instructions;
}

export interface ListedEntry {
  readonly offset: number;
  readonly description: DescriptionEntry | undefined;
}

interface EntryHeader {
  /** Behind the identification. */
  readonly reader: ByteReader;
  readonly end: number;
  /** Position of an FDE's CIE; `undefined` for others than FDEs. */
  readonly common: number | undefined;
}

/** Longer augmentation strings are none that anybody has defined. */
const LONGEST_AUGMENTATION = 16;
const DEBUG_CIE_32 = 0xffff_ffffn;
const DEBUG_CIE_64 = 0xffff_ffff_ffff_ffffn;

export class FrameEntries {
  readonly section: FrameSection;
  readonly #commons = new Map<number, CommonEntry | undefined>();

  constructor(section: FrameSection) {
    this.section = section;
  }

  /** All FDEs in order, `description` being `undefined` for what cannot be read. Returns where the section is damaged, if it is. */
  *descriptions(): Generator<ListedEntry, number | undefined, void> {
    let offset = 0;
    while (offset < this.section.bytes.length) {
      const header = this.#header(offset);
      if (header === undefined) return offset;
      if (header.common !== undefined) yield { offset, description: this.#description(header) };
      offset = header.end;
    }
    return undefined;
  }

  /** The FDE at an offset; `undefined` if it is none or cannot be read. */
  description(offset: number): DescriptionEntry | undefined {
    const header = this.#header(offset);
    return header && this.#description(header);
  }

  #description(header: EntryHeader): DescriptionEntry | undefined {
    if (header.common === undefined) return undefined;
    const common = this.#common(header.common);
    if (common === undefined) return undefined;
    const { reader, end: entryEnd } = header;
    reader.skip(common.segmentSize);
    const { pointerEncoding } = common;
    const [start, size] =
      pointerEncoding === undefined
        ? [reader.unsigned(common.addressSize), reader.unsigned(common.addressSize)]
        : [
            readEncodedPointer(reader, pointerEncoding, this.section.address),
            readEncodedValue(reader, pointerEncoding),
          ];
    if (common.augmented) reader.skip(reader.uleb());
    const end = start + size;
    if (reader.failed() || size < 0n || end > 1n << 64n) return undefined;
    return { common, start, end, instructions: { start: reader.offset, end: entryEnd } };
  }

  /** Length and identification of the entry at an offset; `undefined` if the section is damaged there. */
  #header(offset: number): EntryHeader | undefined {
    const { bytes, isExceptionHandling } = this.section;
    const length = new ByteReader(bytes, offset);
    const { end, offsetSize } = readInitialLength(length);
    if (length.failed() || end > bytes.length) return undefined;
    const reader = new ByteReader(bytes, length.offset, end);
    // A length of zero ends the entries of one object file; the linker may leave several.
    if (reader.offset === end) return { reader, end, common: undefined };
    const place = reader.offset;
    // Even with 64-bit lengths those of .eh_frame have 4 bytes.
    const pointer = reader.unsigned(isExceptionHandling ? 4 : offsetSize);
    if (reader.failed()) return undefined;
    const isCommon = isExceptionHandling
      ? pointer === 0n
      : pointer === (offsetSize === 8 ? DEBUG_CIE_64 : DEBUG_CIE_32);
    if (isCommon) return { reader, end, common: undefined };
    return { reader, end, common: isExceptionHandling ? place - Number(pointer) : Number(pointer) };
  }

  #common(offset: number): CommonEntry | undefined {
    if (!this.#commons.has(offset)) this.#commons.set(offset, this.#readCommon(offset));
    return this.#commons.get(offset);
  }

  #readCommon(offset: number): CommonEntry | undefined {
    const header = offset >= 0 ? this.#header(offset) : undefined;
    if (header === undefined || header.common !== undefined) return undefined;
    const { reader, end } = header;
    const version = reader.u8();
    if (version !== 1 && version !== 3 && version !== 4) return undefined;
    const augmentation = readAugmentation(reader);
    const [addressSize, segmentSize] = version === 4 ? [reader.u8(), reader.u8()] : [8, 0];
    const codeFactor = reader.uleb();
    const dataFactor = reader.sleb();
    const returnAddressRegister = version === 1 ? reader.u8() : reader.uleb();
    // An FDE cannot be read with an augmentation that nobody knows.
    const data = augmentation === undefined ? undefined : readAugmentationData(reader, augmentation);
    if (data === undefined || reader.failed()) return undefined;
    const { isExceptionHandling } = this.section;
    return {
      codeFactor,
      dataFactor,
      returnAddressRegister,
      addressSize,
      segmentSize,
      isSignalFrame: data.isSignalFrame,
      pointerEncoding: data.pointerEncoding ?? (isExceptionHandling ? 0 : undefined),
      augmented: augmentation!.startsWith('z'),
      instructions: { start: reader.offset, end },
    };
  }
}

function readAugmentation(reader: ByteReader): string | undefined {
  let text = '';
  for (let left = LONGEST_AUGMENTATION; left > 0; left--) {
    const byte = reader.u8();
    if (byte === 0) return text;
    text += String.fromCharCode(byte);
  }
  return undefined;
}

interface AugmentationData {
  readonly pointerEncoding: number | undefined;
  readonly isSignalFrame: boolean;
}

/** `zPLR`, `zRS`, `S`: the letters behind a z stand for what follows, in their order; `undefined` for others. */
function readAugmentationData(reader: ByteReader, augmentation: string): AugmentationData | undefined {
  if (augmentation === '' || augmentation === 'S')
    return { pointerEncoding: undefined, isSignalFrame: augmentation === 'S' };
  if (!augmentation.startsWith('z')) return undefined;
  let pointerEncoding: number | undefined;
  let isSignalFrame = false;
  const size = reader.uleb();
  const end = reader.offset + size;
  for (const letter of augmentation.slice(1)) {
    if (letter === 'R') pointerEncoding = reader.u8();
    else if (letter === 'P') skipEncodedPointer(reader, reader.u8());
    else if (letter === 'L') reader.skip(1);
    else if (letter === 'S') isSignalFrame = true;
    else return undefined;
  }
  if (reader.offset > end) reader.fail();
  else reader.skip(end - reader.offset);
  return { pointerEncoding, isSignalFrame };
}
