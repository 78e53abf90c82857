import type { ExtensionSet } from '../isa/extensions';
import { PageGraph, type Region } from '../translator/blocks';
import { writeRegion } from '../translator/region-writer';
import { Handler } from '../wasm/handlers';
import { importedFunctions } from '../wasm/imports';
import { DecodedPage, Entry } from '../wasm/layout';
import type { FunctionBody } from '../wasm/module';
import { encodeModule } from '../wasm/module';
import { DecodedCode } from './decoded-code';
import type { DecodedPages } from './decoded-pages';
import type { GuestMemory } from './guest-memory';
import type { PageSamples } from './profile';
import { Profile } from './profile';
import type { InstalledRegion, Regions } from './regions';

/** What modules import. */
type Imports = Readonly<Record<string, WebAssembly.Importable>>;

/** Regions of one module, which is kept as long as one of them is. Those used longest ago are dropped together. */
interface Translation {
  regions: InstalledRegion[];
  /** Guest instructions in it. */
  readonly size: number;
}

/** A region as a function that is still to be compiled. */
interface Written {
  readonly body: FunctionBody;
  readonly region: InstalledRegion;
}

/**
 * Steps in a region, for each of its instructions, after which it is worth translating: about what the interpreter does in the
 * time that translating takes.
 */
export const STEPS_PER_INSTRUCTION = 3000;

/** Guest instructions that are kept translated, about 400 bytes of code each. */
const MOST_INSTRUCTIONS = 300_000;

/** Most and fewest steps from one look at where the interpreter is to the next. */
const SAMPLE = 8192;
const LEAST_SAMPLE = 64;

/** A computer that fails so often to compile a module is not asked any more: it has no memory for code, or does not allow it. */
const MOST_FAILURES = 3;

/** What was translated so far, and how much of the time it takes part. */
export interface TranslationStatistics {
  /** Regions translated since power-on, and those of them that are kept. */
  readonly translated: number;
  readonly kept: number;
  /** How often a run's steps were used up in translated code, and in the interpreter. */
  readonly inRegions: number;
  readonly interpreted: number;
}

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
  #failures = 0;
  #translated = 0;
  #inRegions = 0;
  #interpreted = 0;
  #watchful = false;
  /** Those that are to be written anew, by the other rule for watched pages. */
  readonly #stale = new Set<InstalledRegion>();

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

  get statistics(): TranslationStatistics {
    return {
      translated: this.#translated,
      kept: this.#translationOf.size,
      inRegions: this.#inRegions,
      interpreted: this.#interpreted,
    };
  }

  /**
   * Whether memory is watched, so that code is worth writing that can tell whether an access to a watched page comes near what is watched. Other
   * code leaves each of them to the interpreter.
   */
  set watchful(watchful: boolean) {
    this.#watchful = watchful;
    this.#stale.clear();
    if (watchful) return;
    for (const { regions } of this.#translations) {
      for (const region of regions) if (region.watchful) this.#stale.add(region);
    }
  }

  /** The instruction at this offset of a decoded page has accessed a watched page, and the interpreter had to look. */
  cameNearWatched(page: number, offset: number): void {
    for (const region of this.#regions.of(page)) {
      if (!region.watchful && region.offsets.has(offset)) this.#stale.add(region);
    }
  }

  /** Writes anew what is to be. No code may be running. */
  rewriteStale(): void {
    if (this.#stale.size === 0) return;
    for (const region of this.#stale) if (this.#regions.get(region.index) === region) this.#rewrite(region);
    this.#stale.clear();
  }

  #rewrite({ decodedPage, start }: InstalledRegion): void {
    const graph = this.#graphOf(decodedPage, []);
    const index = graph.regionAt(start);
    if (index !== undefined) this.#translate(decodedPage, graph, [graph.regions[index]!]);
  }

  #graphOf(page: number, arrivals: Iterable<number>): PageGraph {
    const known = this.#regions.of(page).flatMap(({ entries }) => entries);
    const ram = this.#pages.addressOf(page);
    const code = new DecodedCode(this.#memory, page, this.#memory.hostAddress(ram), this.#extensions);
    return new PageGraph(code, [...known, ...arrivals]);
  }

  /** Steps from one sample of the interpreter's place to the next: few if few of them make code hot. */
  get sampleSteps(): number {
    return Math.min(SAMPLE, LEAST_SAMPLE + 4 * this.#stepsPerInstruction);
  }

  /**
   * So many steps were used up at this place (see `State.ranOutAt`), where control had come by `arrival` (see `State.arrivedAt`). True if it
   * is translated.
   */
  sample(place: number, arrival: number, steps: number): boolean {
    if (place < 0) {
      this.#inRegions++;
      this.#touch(this.#regions.get(-place));
      return true;
    }
    this.#interpreted++;
    if (this.#failures >= MOST_FAILURES) return true;
    if (!isInDecodedPage(place)) return false;
    // A region that was just arrived at is not what took the time.
    if (this.#memory.view.getUint16(place, true) === Handler.translated) return false;
    const page = this.#pages.pageOf(place);
    const isHere = arrival >= page && arrival < page + DecodedPage.end;
    const hot = this.#profile.add(
      this.#pages.addressOf(page),
      offsetOf(place, page),
      isHere ? offsetOf(arrival, page) : undefined,
      steps,
    );
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
  #translatePage(page: number, { samples, arrivals }: PageSamples): void {
    const ram = this.#pages.addressOf(page);
    const graph = this.#graphOf(page, arrivals);
    const steps = new Float64Array(graph.regions.length);
    for (const [offset, some] of samples) {
      const region = graph.regionAt(offset);
      if (region !== undefined) steps[region]! += some;
    }
    const isHot = (region: Region, index: number): boolean =>
      steps[index]! > 0 && steps[index]! >= region.size * this.#stepsPerInstruction;
    const hot = graph.regions.filter(isHot);
    for (let first = 0; first < hot.length;) {
      let end = first;
      for (let size = 0; end < hot.length && size < MODULE_SIZE; end++) size += hot[end]!.size;
      this.#translate(page, graph, hot.slice(first, end));
      first = end;
    }
    this.#profile.clear(ram, (offset) => {
      const region = graph.regionAt(offset);
      return region !== undefined && isHot(graph.regions[region]!, region);
    });
  }

  #translate(page: number, graph: PageGraph, regions: readonly Region[]): void {
    const size = regions.reduce((sum, region) => sum + region.size, 0);
    this.#makeRoom(size);
    const indices = this.#reserve(regions.length);
    const written = this.#write(page, graph, regions, indices);
    const functions = this.#compile(written);
    if (functions) this.#install(functions, written, size);
    else for (const index of indices) this.#regions.release(index);
  }

  #reserve(count: number): number[] {
    const indices: number[] = [];
    while (indices.length < count) {
      const index = this.#regions.reserve();
      if (index !== undefined) indices.push(index);
      else if (this.#translations.size > 0) this.#dropOldest();
      else break;
    }
    return indices;
  }

  #write(page: number, graph: PageGraph, regions: readonly Region[], indices: readonly number[]): Written[] {
    return indices.map((index, at) => {
      const region = regions[at]!;
      const blocks = graph.blocksOf(region);
      const { body, entries } = writeRegion(blocks, region.entries, {
        decodedPage: page,
        index,
        watchful: this.#watchful,
      });
      const offsets = new Set(blocks.flatMap(({ instructions }) => instructions.map(({ offset }) => offset)));
      const start = region.leaders[0]!;
      const end = Math.max(...offsets) + 4;
      return {
        body,
        region: { index, decodedPage: page, start, end, offsets, entries, watchful: this.#watchful },
      };
    });
  }

  /** `undefined` if it cannot be done, since there is no memory for it, say, or no permission: the interpreter goes on with these regions. */
  #compile(written: readonly Written[]): WebAssembly.Imports | undefined {
    const module = encodeModule({
      importModule: 'core',
      memory: { name: 'memory', pages: this.#memory.pages },
      imports: importedFunctions.slice(0, Math.max(...written.map(({ body }) => body.code.imports))),
      exports: written.map(({ region, body }) => ({ name: String(region.index), body })),
    });
    try {
      return new WebAssembly.Instance(new WebAssembly.Module(module), { core: this.#imports }).exports;
    } catch {
      this.#failures++;
      return undefined;
    }
  }

  #install(functions: WebAssembly.Imports, written: readonly Written[], size: number): void {
    const translation = { regions: written.map(({ region }) => region), size };
    this.#translations.add(translation);
    this.#size += size;
    this.#translated += written.length;
    for (const { region } of written) {
      this.#regions.dropSharing(region.decodedPage, region.offsets);
      this.#translationOf.set(region, translation);
      this.#regions.install(region, functions[String(region.index)]);
    }
  }

  /** Drops what was not used for longest. */
  #makeRoom(size: number): void {
    while (this.#size + size > MOST_INSTRUCTIONS && this.#translations.size > 0) this.#dropOldest();
  }

  #dropOldest(): void {
    const [oldest] = this.#translations;
    for (const region of oldest?.regions ?? []) this.#regions.remove(region);
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

const isInDecodedPage = (entry: number): boolean =>
  entry >= DecodedPage.start && entry < DecodedPage.start + DecodedPage.count * DecodedPage.size;

const offsetOf = (entry: number, page: number): number => (entry - page) / (Entry.size / 2);
