import type { Decoded } from '../isa/decode';
import { decode, instructionLength } from '../isa/decode';
import type { ExtensionSet } from '../isa/extensions';
import { findRegions, isTranslatable, type Region } from '../translator/blocks';
import { writeRegion } from '../translator/region-writer';
import { Handler } from '../wasm/handlers';
import { importedFunctions } from '../wasm/imports';
import { DecodedPage, Entry, memoryPages } from '../wasm/layout';
import { encodeModule } from '../wasm/module';
import type { DecodedPages } from './decoded-pages';
import type { GuestMemory } from './guest-memory';
import { PAGE_SIZE } from './guest-memory';
import { Profile } from './profile';
import type { InstalledRegion, Regions } from './regions';

/** What modules import. */
type Imports = Readonly<Record<string, WebAssembly.Importable>>;

/** Regions of one module: they are dropped together. */
interface Translation {
  regions: InstalledRegion[];
  /** Guest instructions in it. */
  readonly size: number;
}

/**
 * Steps in a region, for each of its instructions, after which it is worth translating: about what the interpreter does in the
 * time that translating takes.
 */
export const STEPS_PER_INSTRUCTION = 3000;

/** Guest instructions that are kept translated, about 400 bytes of code each. */
const MOST_INSTRUCTIONS = 300_000;

const DECODED_END = DecodedPage.start + DecodedPage.count * DecodedPage.size;

/** Guest instructions in one module: compiling it is to hold up the machine for a few milliseconds at most. */
const MODULE_SIZE = 1500;

/** Finds hot code by looking where the interpreter is, and has it translated into WebAssembly. */
export class Translator {
  readonly #memory: GuestMemory;
  readonly #pages: DecodedPages;
  readonly #regions: Regions;
  readonly #extensions: ExtensionSet;
  readonly #imports: Imports;
  readonly #stepsPerInstruction: number;
  readonly #profile: Profile;
  /** Those used last come last. */
  readonly #translations = new Set<Translation>();
  readonly #translationOf = new Map<InstalledRegion, Translation>();
  #size = 0;

  constructor(
    core: { readonly memory: GuestMemory; readonly pages: DecodedPages; readonly extensions: ExtensionSet },
    imports: Imports,
    stepsPerInstruction = STEPS_PER_INSTRUCTION,
  ) {
    this.#memory = core.memory;
    this.#pages = core.pages;
    this.#regions = core.pages.regions;
    this.#extensions = core.extensions;
    this.#imports = imports;
    this.#stepsPerInstruction = stepsPerInstruction;
    this.#profile = new Profile(stepsPerInstruction);
    this.#regions.onDrop = (region) => this.#forget(region);
  }

  /** So many steps were used up at this place (see `State.ranOutAt`). True if it is translated. */
  sample(place: number, steps: number): boolean {
    if (place < 0) {
      this.#touch(this.#regions.get(-place));
      return true;
    }
    if (place < DecodedPage.start || place >= DECODED_END) return false;
    // A region that was just arrived at is not what took the time.
    if (this.#memory.view.getUint16(place, true) === Handler.translated) return false;
    const page = this.#pages.pageOf(place);
    const hot = this.#profile.add(page, (place - page) / (Entry.size / 2), steps);
    if (hot) this.#translatePage(page, hot);
    return false;
  }

  #touch(region: InstalledRegion | undefined): void {
    const translation = region && this.#translationOf.get(region);
    if (!translation) return;
    this.#translations.delete(translation);
    this.#translations.add(translation);
  }

  /** Translates those regions of a page that were hot for long enough. */
  #translatePage(page: number, samples: ReadonlyMap<number, number>): void {
    const regions = findRegions(this.#executed(page), this.#entered(page, samples));
    const worth = regions.filter((region) => {
      const steps = stepsIn(region, samples);
      return steps > 0 && steps >= region.size * this.#stepsPerInstruction;
    });
    for (let first = 0; first < worth.length;) {
      let end = first;
      for (
        let size = 0;
        end < worth.length && (end === first || size + worth[end]!.size <= MODULE_SIZE);
        end++
      ) {
        size += worth[end]!.size;
      }
      this.#translate(page, worth.slice(first, end));
      first = end;
    }
    for (const region of worth) this.#profile.clear(page, offsetsOf(region));
  }

  /** Where control comes in without the code saying so: where the interpreter was seen although that is translated, now or before. */
  #entered(page: number, samples: ReadonlyMap<number, number>): Set<number> {
    const regions = this.#regions.of(page);
    const known = regions.flatMap(({ entries }) => entries.map(({ offset }) => offset));
    const missed = [...samples.keys()].filter((offset) =>
      regions.some((region) => region.offsets.has(offset)),
    );
    return new Set([...known, ...missed]);
  }

  /** Instructions of a page that were executed, and that translated code can execute. */
  #executed(page: number): Map<number, Decoded> {
    const { view } = this.#memory;
    const host = this.#memory.hostAddress(this.#pages.addressOf(page));
    const found = new Map<number, Decoded>();
    for (let offset = 0; offset < PAGE_SIZE; offset += 2) {
      const handler = view.getUint16(page + (offset / 2) * Entry.size, true);
      if (handler < Handler.translated || handler === Handler.illegal) continue;
      const low = view.getUint16(host + offset, true);
      if (instructionLength(low) === 4 && offset + 4 > PAGE_SIZE) continue;
      const decoded = decode(
        instructionLength(low) === 2 ? low : view.getUint32(host + offset, true),
        this.#extensions,
      );
      if (decoded && isTranslatable(decoded, offset)) found.set(offset, decoded);
    }
    return found;
  }

  #translate(page: number, regions: readonly Region[]): void {
    const { view } = this.#memory;
    const host = this.#memory.hostAddress(this.#pages.addressOf(page));
    const written = regions.flatMap((region) => {
      const offsets = new Set(offsetsOf(region));
      const start = Math.min(...offsets);
      const end = Math.max(...offsets) + 4;
      this.#regions.dropSharing(page, offsets);
      const index = this.#regions.reserve();
      if (index === undefined) return [];
      const place = {
        decodedPage: page,
        index,
        bitsAt: (offset: number) => view.getUint32(host + offset, true),
      };
      const { body, entries } = writeRegion(region, place);
      return [
        { body, name: String(index), region: { index, decodedPage: page, start, end, offsets, entries } },
      ];
    });
    const module = encodeModule({
      importModule: 'core',
      memory: { name: 'memory', pages: memoryPages(this.#memory.size) },
      imports: importedFunctions,
      exports: written.map(({ name, body }) => ({ name, body })),
    });
    const size = regions.reduce((sum, region) => sum + region.size, 0);
    this.#makeRoom(size);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { core: this.#imports });
    const translation = { regions: written.map(({ region }) => region), size };
    this.#translations.add(translation);
    this.#size += size;
    for (const { name, region } of written) {
      this.#translationOf.set(region, translation);
      this.#regions.install(region, exports[name]);
    }
  }

  /** Drops what was not used for longest. */
  #makeRoom(size: number): void {
    for (const translation of this.#translations) {
      if (this.#size + size <= MOST_INSTRUCTIONS) return;
      for (const region of translation.regions) this.#regions.remove(region);
    }
  }

  #forget(region: InstalledRegion): void {
    const translation = this.#translationOf.get(region);
    if (!translation) return;
    this.#translationOf.delete(region);
    translation.regions = translation.regions.filter((other) => other !== region);
    if (translation.regions.length > 0) return;
    this.#translations.delete(translation);
    this.#size -= translation.size;
  }
}

const offsetsOf = (region: Region): number[] =>
  region.blocks.flatMap(({ instructions }) => instructions.map(({ offset }) => offset));

function stepsIn(region: Region, samples: ReadonlyMap<number, number>): number {
  let steps = 0;
  for (const offset of offsetsOf(region)) steps += samples.get(offset) ?? 0;
  return steps;
}
