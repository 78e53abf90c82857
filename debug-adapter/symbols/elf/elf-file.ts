/** The parts of an ELF64 file: segments that are loaded and sections, by the gABI's chapters 4 and 5. */
import { ProgramError, type ProgramSegment } from '../api';
import { ByteReader, stringAt } from '../bytes/byte-reader';
import { memorySource, type ByteSource } from '../bytes/byte-source';
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
/** Enough for the header, and to tell what another file is. */
const START_SIZE = 1024;
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
  /** `sh_info`: of a section of relocations the index of the section that they change. */
  readonly info: number;
  readonly executable: boolean;
  /** Part of the running program. */
  readonly allocated: boolean;
  /** Bytes in the file; 0 for NOBITS. */
  readonly storedSize: number;
  /** Contents as stored, possibly compressed, read when they are first asked for. */
  readonly stored: Uint8Array;
  readonly compressed: boolean;
}

export interface ElfFile {
  readonly entry: bigint;
  readonly segments: readonly ProgramSegment[];
  /** In the file's order, the null section included, so that indexes match `st_shndx`. */
  readonly sections: readonly ElfSection[];
  readonly warnings: string[];
  /** The file ends before its sections do: it is damaged, or still being written. */
  readonly isCut: boolean;
  /** Values of symbols are offsets in their sections, as in relocatable files; in linked ones they are addresses. */
  readonly hasSectionOffsets: boolean;
}

interface Header {
  readonly entry: bigint;
  readonly programHeaders: number;
  readonly sectionHeaders: number;
  readonly programHeaderCount: number;
  readonly sectionCount: number;
  readonly nameSection: number;
}

function readHeader(file: ByteSource): Header {
  const reader = new ByteReader(file.read(0, START_SIZE), 24);
  const entry = reader.u64();
  // An offset beyond 2^53 fails the reader and reads as 0: the same as a table that is absent.
  const [programHeaders, sectionHeaders] = [reader.size64(), reader.size64()];
  reader.skip(4 + 2 + 2);
  const programHeaderCount = reader.u16();
  reader.skip(2);
  const [sectionCount, nameSection] = [reader.u16(), reader.u16()];
  // Counts that do not fit are in the null section's header.
  const nullSection = new ByteReader(file.read(sectionHeaders, SHDR_SIZE));
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

function readSegments(file: ByteSource, header: Header): ProgramSegment[] {
  const segments: ProgramSegment[] = [];
  let stored = 0;
  const reader = new ByteReader(file.read(header.programHeaders, header.programHeaderCount * PHDR_SIZE));
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
    if (record.failed() || offset + fileSize > file.size) throw truncated(`segment ${i}`);
    const size = Math.min(fileSize, memorySize);
    stored += size;
    if (segments.length === MOST_LOADED || stored > MOST_COPIES * file.size) throw overlapping();
    const data = file.read(offset, size);
    if (data.length < size) throw truncated(`segment ${i}`);
    segments.push({
      virtualAddress,
      physicalAddress,
      data,
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

class Section implements ElfSection {
  readonly index: number;
  name = '';
  readonly nameOffset: number;
  readonly type: number;
  readonly address: bigint;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly executable: boolean;
  readonly allocated: boolean;
  readonly compressed: boolean;
  /** The file ends inside it. */
  readonly isCut: boolean;
  readonly storedSize: number;
  readonly #file: ByteSource;
  readonly #offset: number;
  #stored: Uint8Array | undefined;

  constructor(index: number, header: ByteReader, file: ByteSource) {
    this.index = index;
    this.nameOffset = header.u32();
    this.type = header.u32();
    const flags = Number(header.u64() & 0xffff_ffffn);
    this.address = header.u64();
    this.#offset = header.size64();
    this.size = header.size64();
    this.link = header.u32();
    this.info = header.u32();
    this.executable = (flags & SHF_EXECINSTR) !== 0;
    this.allocated = (flags & SHF_ALLOC) !== 0;
    this.compressed = (flags & SHF_COMPRESSED) !== 0;
    const isInFile = this.type !== SHT_NOBITS && index !== 0 && !header.failed();
    const left = isInFile ? Math.max(0, file.size - this.#offset) : 0;
    this.isCut = isInFile && this.size > left;
    this.storedSize = Math.min(this.size, left);
    this.#file = file;
  }

  get stored(): Uint8Array {
    return (this.#stored ??= this.#file.read(this.#offset, this.storedSize));
  }
}

function readSections(file: ByteSource, header: Header, warnings: string[]): Section[] {
  const sections: Section[] = [];
  const count = Math.min(header.sectionCount, MOST_SECTIONS);
  const reader = new ByteReader(file.read(header.sectionHeaders, count * SHDR_SIZE));
  if (count < header.sectionCount) {
    warnings.push(
      `The file says that it has ${header.sectionCount} sections, which is damage: only ${count} are read.`,
    );
  }
  for (let index = 0; index < count; index++) {
    const record = new ByteReader(reader.block(SHDR_SIZE));
    if (reader.failed()) {
      warnings.push(
        'The file ends inside its section headers, so symbols and lines may be missing: build or copy it again.',
      );
      break;
    }
    sections.push(new Section(index, record, file));
  }
  const cut = sections.filter(({ isCut }) => isCut).length;
  if (cut > 0)
    warnings.push(
      `The file ends inside ${cut} of its sections, and what is missing is left out: build or copy it again.`,
    );
  const names = sections[header.nameSection]?.stored ?? new Uint8Array(0);
  for (const section of sections) section.name = stringAt(names, section.nameOffset, LONGEST_NAME) ?? '';
  return sections;
}

/**
 * Reads the headers and the segments of a linked ELF64 RISC-V file. Its sections are read when they are asked for, so the file must not
 * change: linkers replace the file that they write, and whoever has it open keeps the old one.
 * @throws ProgramError if the file cannot be used.
 */
export function readElf(from: ByteSource | Uint8Array): ElfFile {
  const file = from instanceof Uint8Array ? memorySource(from) : from;
  checkElfHeader(file.read(0, START_SIZE), 'linked');
  const header = readHeader(file);
  const segments = readSegments(file, header);
  if (segments.length === 0) {
    throw new ProgramError(
      'not-executable',
      'The file has nothing to load into memory (no PT_LOAD segment): use the linked kernel, not its debug information alone.',
    );
  }
  return { entry: header.entry, segments, hasSectionOffsets: false, ...sectionsOf(file, header) };
}

/**
 * Reads the headers of a relocatable file (ET_REL), such as a module of Linux. Its sections have no addresses yet.
 * @throws ProgramError if the file cannot be used.
 */
export function readObject(file: ByteSource): ElfFile {
  checkElfHeader(file.read(0, START_SIZE), 'object');
  return { entry: 0n, segments: [], hasSectionOffsets: true, ...sectionsOf(file, readHeader(file)) };
}

function sectionsOf(file: ByteSource, header: Header): Pick<ElfFile, 'sections' | 'warnings' | 'isCut'> {
  const warnings: string[] = [];
  const sections = readSections(file, header, warnings);
  const isCut =
    sections.length < Math.min(header.sectionCount, MOST_SECTIONS) || sections.some(({ isCut }) => isCut);
  return { sections, warnings, isCut };
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
