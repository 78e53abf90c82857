/** The parts of an ELF64 file: segments that are loaded and sections, by the gABI's chapters 4 and 5. */
import { ProgramError, type ProgramSegment } from '../api';
import { ByteReader, stringAt } from '../bytes/byte-reader';
import { inflateSteps } from '../bytes/inflate';
import type { Steps } from '../steps';
import { checkElfHeader } from './identify';

const PT_LOAD = 1;
const PT_INTERP = 3;
const PF_X = 1;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2;
const SHF_EXECINSTR = 4;
const SHF_COMPRESSED = 0x800;
const ELFCOMPRESS_ZLIB = 1;
const ELFCOMPRESS_ZSTD = 2;
const PHDR_SIZE = 56;
const SHDR_SIZE = 64;
/** Section names beyond are none that anybody gave. */
const LONGEST_NAME = 1024;
/** No symbol can be in a section beyond by `st_shndx` alone (SHN_LORESERVE), and no linked program has nearly so many. */
const MOST_SECTIONS = 0xff00;
/** Kernels have about five. */
const MOST_LOADED = 1024;
/** Segments share no bytes of the file but by a trick; damaged ones could have it copied into memory any number of times. */
const MOST_COPIES = 4;
/** e_phnum when the count does not fit; e_shnum and e_shstrndx have reserved values, too (gABI, "ELF Header"). */
const PN_XNUM = 0xffff;
const SHN_XINDEX = 0xffff;

export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly address: bigint;
  /** Bytes in memory. */
  readonly size: number;
  readonly link: number;
  readonly executable: boolean;
  /** Part of the running program. */
  readonly allocated: boolean;
  /** Contents as stored, possibly compressed; empty for NOBITS. */
  readonly stored: Uint8Array;
  readonly compressed: boolean;
}

export interface ElfFile {
  readonly entry: bigint;
  readonly segments: readonly ProgramSegment[];
  /** In the file's order, the null section included, so that indexes match `st_shndx`. */
  readonly sections: readonly ElfSection[];
  readonly warnings: string[];
}

interface Header {
  readonly entry: bigint;
  readonly programHeaders: number;
  readonly sectionHeaders: number;
  readonly programHeaderCount: number;
  readonly sectionCount: number;
  readonly nameSection: number;
}

function readHeader(bytes: Uint8Array): Header {
  const reader = new ByteReader(bytes, 24);
  const entry = reader.u64();
  // An offset beyond 2^53 fails the reader and reads as 0: the same as a table that is absent.
  const [programHeaders, sectionHeaders] = [reader.size64(), reader.size64()];
  reader.skip(4 + 2 + 2);
  const programHeaderCount = reader.u16();
  reader.skip(2);
  const [sectionCount, nameSection] = [reader.u16(), reader.u16()];
  // Counts that do not fit are in the null section's header.
  const nullSection = new ByteReader(bytes, sectionHeaders);
  nullSection.skip(32);
  const [size, link, info] = [nullSection.size64(), nullSection.u32(), nullSection.u32()];
  return {
    entry,
    programHeaders,
    sectionHeaders,
    programHeaderCount: programHeaderCount === PN_XNUM ? info : programHeaderCount,
    sectionCount: sectionHeaders === 0 ? 0 : sectionCount === 0 ? size : sectionCount,
    nameSection: nameSection === SHN_XINDEX ? link : nameSection,
  };
}

function readSegments(bytes: Uint8Array, header: Header): ProgramSegment[] {
  const segments: ProgramSegment[] = [];
  let stored = 0;
  const reader = new ByteReader(bytes, header.programHeaders);
  for (let i = 0; i < header.programHeaderCount; i++) {
    const record = new ByteReader(reader.block(PHDR_SIZE));
    if (reader.failed()) throw truncated('its program headers');
    const [type, flags] = [record.u32(), record.u32()];
    const offset = record.size64();
    const [virtualAddress, physicalAddress] = [record.u64(), record.u64()];
    const [fileSize, memorySize] = [record.size64(), record.size64()];
    if (type === PT_INTERP) {
      throw new ProgramError(
        'not-executable',
        'The file is a program for Linux that needs its dynamic linker, not a kernel: put it into an initrd and boot a kernel.',
      );
    }
    if (type !== PT_LOAD || memorySize === 0) continue;
    if (record.failed() || offset + fileSize > bytes.length) throw truncated(`segment ${i}`);
    stored += Math.min(fileSize, memorySize);
    if (segments.length === MOST_LOADED || stored > MOST_COPIES * bytes.length) throw overlapping();
    segments.push({
      virtualAddress,
      physicalAddress,
      data: bytes.subarray(offset, offset + Math.min(fileSize, memorySize)),
      memorySize,
      executable: (flags & PF_X) !== 0,
    });
  }
  return segments;
}

function truncated(where: string): ProgramError {
  return new ProgramError(
    'truncated',
    `The file ends inside ${where}: it is damaged or incomplete. Build or copy it again.`,
  );
}

function overlapping(): ProgramError {
  return new ProgramError(
    'damaged',
    'The file asks for more to be loaded than it has: its program headers are damaged. Build or copy it again.',
  );
}

function readSections(bytes: Uint8Array, header: Header, warnings: string[]): ElfSection[] {
  const raw: (Omit<ElfSection, 'name'> & { readonly nameOffset: number })[] = [];
  const reader = new ByteReader(bytes, header.sectionHeaders);
  let cut = 0;
  const count = Math.min(header.sectionCount, MOST_SECTIONS);
  if (count < header.sectionCount) {
    warnings.push(
      `The file says that it has ${header.sectionCount} sections, which is damage: only ${count} are read.`,
    );
  }
  for (let index = 0; index < count; index++) {
    const record = new ByteReader(reader.block(SHDR_SIZE));
    if (reader.failed()) {
      warnings.push('The file ends inside its section headers: symbols and lines may be missing.');
      break;
    }
    const [nameOffset, type] = [record.u32(), record.u32()];
    const flags = Number(record.u64() & 0xffff_ffffn);
    const address = record.u64();
    const [offset, size, link] = [record.size64(), record.size64(), record.u32()];
    const inFile = type !== SHT_NOBITS && index !== 0 && !record.failed();
    if (inFile && offset + size > bytes.length) cut++;
    raw.push({
      index,
      nameOffset,
      type,
      address,
      size,
      link,
      executable: (flags & SHF_EXECINSTR) !== 0,
      allocated: (flags & SHF_ALLOC) !== 0,
      stored: inFile ? bytes.subarray(offset, offset + size) : new Uint8Array(0),
      compressed: (flags & SHF_COMPRESSED) !== 0,
    });
  }
  if (cut > 0) warnings.push(`The file ends inside ${cut} of its sections: what is missing is left out.`);
  const names = raw[header.nameSection]?.stored ?? new Uint8Array(0);
  return raw.map(({ nameOffset, ...section }) => ({
    ...section,
    name: stringAt(names, nameOffset, LONGEST_NAME) ?? '',
  }));
}

/**
 * Reads the headers of a linked ELF64 RISC-V file.
 * @throws ProgramError if the file cannot be used.
 */
export function readElf(bytes: Uint8Array): ElfFile {
  checkElfHeader(bytes);
  const warnings: string[] = [];
  const header = readHeader(bytes);
  const segments = readSegments(bytes, header);
  if (segments.length === 0) {
    throw new ProgramError(
      'not-executable',
      'The file has nothing to load into memory (no PT_LOAD segment): use the linked kernel, not its debug information alone.',
    );
  }
  return { entry: header.entry, segments, sections: readSections(bytes, header, warnings), warnings };
}

/** A section's contents, unpacked if they are compressed; `undefined` with a warning if that fails. */
export function* sectionContents(section: ElfSection, warnings: string[]): Steps<Uint8Array | undefined> {
  if (!section.compressed) return section.stored;
  const reader = new ByteReader(section.stored);
  const type = reader.u32();
  reader.skip(4);
  const size = reader.size64();
  reader.skip(8);
  if (!reader.failed() && type === ELFCOMPRESS_ZLIB) {
    const unpacked = yield* inflateSteps(section.stored.subarray(reader.offset), size);
    if (unpacked !== undefined) return unpacked;
  }
  warnings.push(
    !reader.failed() && type === ELFCOMPRESS_ZSTD
      ? `Section ${section.name} is compressed with zstd, which cannot be read here: unpack it with "riscv64-linux-gnu-objcopy --decompress-debug-sections FILE".`
      : `Section ${section.name} is compressed and damaged: it is left out.`,
  );
  return undefined;
}
