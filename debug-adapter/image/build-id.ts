/** Whether symbols belong to an image: the linker's build id, which is in both (`ld --build-id`). */
import type { ProgramSegment } from '../symbols/api';
import { ByteReader } from '../symbols/bytes/byte-reader';
import type { ElfFile } from '../symbols/elf/elf-file';

const SHT_NOTE = 7;
const NT_GNU_BUILD_ID = 3;
/** Bytes; kernels have some hundreds. Damaged files could have their whole length read for each of their sections. */
const MOST_NOTES = 1 << 16;
/** `GNU\0` as a number. */
const gnu = 0x0055_4e47;

interface BuildId {
  /** Virtual address of the note. */
  readonly address: bigint;
  /** The whole note, header included. */
  readonly note: Uint8Array;
}

/** The note of an ELF file with its build id (ELF gABI, "Note Section"); `undefined` if it has none. */
function buildId(elf: ElfFile): BuildId | undefined {
  for (const section of elf.sections) {
    if (section.type !== SHT_NOTE || section.storedSize > MOST_NOTES) continue;
    const { address, stored } = section;
    const reader = new ByteReader(stored);
    for (let start = 0; start + 12 <= stored.length; start = reader.offset) {
      const [nameSize, descriptionSize, kind] = [reader.u32(), reader.u32(), reader.u32()];
      const isBuildId =
        kind === NT_GNU_BUILD_ID && nameSize === 4 && new ByteReader(stored, reader.offset).u32() === gnu;
      reader.skip(padded(nameSize) + padded(descriptionSize));
      if (reader.failed()) break;
      if (isBuildId) return { address: address + BigInt(start), note: stored.subarray(start, reader.offset) };
    }
  }
  return undefined;
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

/**
 * Compares the build id of symbols with what an image has at its address.
 * @param segments of the image, at the addresses the symbols are linked for; of a module what it has in memory
 * @returns `undefined` where it cannot be told, because there is no build id or the image does not hold its place
 */
export function belongTogether(
  symbols: ElfFile,
  segments: readonly Pick<ProgramSegment, 'virtualAddress' | 'data'>[],
): boolean | undefined {
  const id = buildId(symbols);
  if (id === undefined) return undefined;
  const end = id.address + BigInt(id.note.length);
  const home = segments.find(
    ({ virtualAddress: start, data }) => id.address >= start && end <= start + BigInt(data.length),
  );
  if (home === undefined) return undefined;
  const offset = Number(id.address - home.virtualAddress);
  return id.note.every((byte, index) => home.data[offset + index] === byte);
}
