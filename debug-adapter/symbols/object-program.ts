/** A relocatable file (ET_REL) that somebody else has linked in memory, such as a module that a kernel has loaded. */
import type { Program } from './api';
import { sectionContents, type ElfFile, type ElfSection } from './elf/elf-file';
import { NOWHERE, relocated } from './elf/relocations';
import { programOf } from './program';
import type { Steps } from './steps';

/** A section that is not part of the program in memory: debug information, notes for the linker. */
const notLoaded = { address: 0n };
/** One that would be, but is not: code for initialization that was given back, or that was not kept at all. */
const missing = { address: NOWHERE, allocated: false };

/**
 * A relocatable file with its sections at the addresses where they are.
 * @param addresses of those that are in memory, by name
 */
export function placeObject(object: ElfFile, addresses: ReadonlyMap<string, bigint>): ElfFile {
  return {
    ...object,
    sections: object.sections.map((section) => placed(section, addresses.get(section.name))),
  };
}

/**
 * What there is in a placed file, at the addresses where it is. Lines and types are read when first asked for.
 * @param firstScope see `ProgramParts`
 */
export function objectProgram(object: ElfFile, firstScope = 0): Program {
  function* contents(section: ElfSection, warnings: string[]): Steps<Uint8Array | undefined> {
    const unpacked = yield* sectionContents(section, warnings);
    return unpacked && (yield* relocated(section, unpacked, object));
  }
  return programOf(object, { contents, firstScope });
}

function placed(section: ElfSection, address: bigint | undefined): ElfSection {
  const place = !section.allocated ? notLoaded : address === undefined ? missing : { address };
  return new PlacedSection(section, place);
}

/** A section at another address. Its contents are read when they are first asked for, as before. */
class PlacedSection implements ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly address: bigint;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly executable: boolean;
  readonly allocated: boolean;
  readonly storedSize: number;
  readonly compressed: boolean;
  readonly #section: ElfSection;

  constructor(section: ElfSection, place: { readonly address: bigint; readonly allocated?: boolean }) {
    this.index = section.index;
    this.name = section.name;
    this.type = section.type;
    this.address = place.address;
    this.size = section.size;
    this.link = section.link;
    this.info = section.info;
    this.executable = section.executable;
    this.allocated = place.allocated ?? section.allocated;
    this.storedSize = section.storedSize;
    this.compressed = section.compressed;
    this.#section = section;
  }

  get stored(): Uint8Array {
    return this.#section.stored;
  }
}
