import { Privilege, type Text, type TrapFilter, type Watchpoint } from '../api';
import type { ExtensionSet } from '../isa/extensions';
import { implementedExtensions } from '../isa/extensions';
import type { InterpreterImports } from '../wasm/imports';
import { generateFloatModule } from '../wasm/float/module';
import { generateInterpreter } from '../wasm/interpreter';
import { Breakpoints } from './breakpoints';
import { DecodedPages } from './decoded-pages';
import { FloatUnit } from './float-unit';
import { GuestMemory, PAGE_SIZE } from './guest-memory';
import { JudgedText } from './judged-text';
import { RegisterBlock } from './registers';
import { SuspendedChains } from './suspended-chains';
import { Translator } from './translator';
import { Watch, type Initiator } from './watch';
import type { TranslationCache } from './translation-cache';
import { fromWords } from './words';

/** What a hart lends to the core while it runs. */
interface RunningHart extends Initiator {
  readonly cache: TranslationCache;
  readonly imports: InterpreterImports;
  /** A write by somebody else hit this physical range. */
  physicalWrite(address: number, length: number): void;
}

/** What the harts of one machine share: RAM, decoded code, the interpreter, breakpoints and the trap filter. */
export class Core {
  /** What the harts execute; anything else is an illegal instruction. */
  readonly extensions: ExtensionSet;
  readonly memory: GuestMemory;
  readonly pages: DecodedPages;
  readonly registers: RegisterBlock;
  readonly floatUnit: FloatUnit;
  /** Absent if everything is left to the interpreter. */
  readonly translator: Translator | undefined;
  readonly breakpoints = new Breakpoints();
  readonly text = new JudgedText();
  readonly watch: Watch;
  /** Chains of calls that no hart is in; absent if calls are not recorded. */
  readonly calls: SuspendedChains | undefined;
  /** Which traps make `Hart.run` return once they were taken. */
  trapFilter: TrapFilter | undefined;

  readonly #harts: RunningHart[] = [];
  readonly #caches: TranslationCache[] = [];
  readonly #execute: () => void;
  #running: RunningHart | undefined;
  /** The same while it executes. */
  #executing: RunningHart | undefined;

  /**
   * @param ramSize bytes of RAM at 0x80000000, a multiple of 4096, at most 2 GiB.
   * @param stepsPerInstruction see `Translator`; without it nothing is translated
   * @param recordedHarts of how many harts calls are recorded; what is translated is not, so there is to be nothing
   */
  constructor(
    ramSize: number,
    extensions = implementedExtensions,
    stepsPerInstruction?: number,
    recordedHarts = 0,
  ) {
    this.extensions = extensions;
    this.memory = new GuestMemory(ramSize, recordedHarts);
    this.calls = recordedHarts > 0 ? new SuspendedChains() : undefined;
    this.watch = new Watch(this.memory, () => this.#executing);
    this.registers = new RegisterBlock(this.memory.bytes);
    this.floatUnit = new FloatUnit(this.registers);
    this.pages = new DecodedPages(this.memory, extensions, this.#caches);
    this.memory.onWrite((address, length) => {
      this.pages.written(address, length);
      for (const hart of this.#harts) hart.physicalWrite(address, length);
    });
    const imports = this.#imports();
    this.#execute = this.#instantiate(imports);
    // Without compressed instructions jumps can trap, which regions do not look for.
    const translates = stepsPerInstruction !== undefined && extensions.has('c');
    this.translator = translates ? new Translator(this, imports, stepsPerInstruction) : undefined;
  }

  /** What generated code imports. */
  #imports(): WebAssembly.Imports {
    const now = () => this.#running!.imports;
    const functions: InterpreterImports = {
      decode: (entry) => this.pages.decode(entry),
      fetch: () => now().fetch(),
      straddle: (entry) => now().straddle(entry),
      breakpoint: (entry) => now().breakpoint(entry),
      untranslated: (entry) => now().untranslated(entry),
      load: (kind) => now().load(kind),
      store: (size) => now().store(size),
      atomic: (size) => now().atomic(size),
      conditional: (size) => now().conditional(size),
      reserve: (size) => now().reserve(size),
      csr: (operation, bits, operand) => now().csr(operation, bits, operand),
      perform: (operation, bits) => now().perform(operation, bits),
      misaligned: (target) => now().misaligned(target),
      float: (operation, bits) => now().float(operation, bits),
      returned: (target, link) => now().returned(target, link),
      callAreaFull: () => now().callAreaFull(),
    };
    const memory = { memory: this.memory.wasm };
    const float = instantiate(generateFloatModule(this.memory.pages), memory);
    return { ...functions, ...float, ...memory, regions: this.pages.regions.table };
  }

  #instantiate(imports: WebAssembly.Imports): () => void {
    const code = generateInterpreter(this.memory.pages, {
      compressed: this.extensions.has('c'),
      recordsCalls: this.calls !== undefined,
    });
    return instantiate(code, imports)['run'] as () => void;
  }

  /** Makes a hart part of the machine. */
  join(hart: RunningHart): void {
    this.#harts.push(hart);
    this.#caches.push(hart.cache);
  }

  /** Lets the interpreter run with the registers in the block, on behalf of this hart. */
  execute(hart: RunningHart): void {
    this.#running = hart;
    this.#executing = hart;
    this.#execute();
    this.#executing = undefined;
  }

  /** Replaces all watchpoints. */
  setWatchpoints(watchpoints: Iterable<Watchpoint>): void {
    this.watch.replace(watchpoints);
    for (const cache of this.#caches) cache.markWatched();
    if (this.translator) this.translator.watchful = this.watch.ranges.any;
    this.pages.floatCsrsAreGeneral = this.watch.watchesFloat;
  }

  /** Replaces the set of breakpoint addresses, which are compared with the pc of every hart. */
  setBreakpoints(addresses: Iterable<bigint>): void {
    this.breakpoints.replace(addresses);
    this.#armAll();
  }

  /** Replaces the text that harts stop outside of; there is none to begin with. */
  setText(text: Text | undefined): void {
    if (!text && !this.text.isJudged) return;
    this.text.replace(text);
    this.#armAll();
  }

  #armAll(): void {
    this.pages.disarmAll();
    for (const cache of this.#caches) {
      cache.markFetches((page, decodedPage, privilege) => this.#arm(page, decodedPage, privilege));
    }
  }

  /** Has a hart stop where it is to in the page of an address in two words, which is mapped to this decoded page and is in its cache. */
  armAt(cache: TranslationCache, high: number, low: number, decodedPage: number, privilege: Privilege): void {
    if (!this.breakpoints.any && !this.text.isJudged) return;
    if (this.#arm(fromWords(high, low & -PAGE_SIZE), decodedPage, privilege)) cache.markFetch(high, low);
  }

  /** True if there is no text in the page, so that where harts come from is of interest. */
  #arm(page: bigint, decodedPage: number, privilege: Privilege): boolean {
    this.pages.arm(decodedPage, this.breakpoints.inPage(page));
    if (privilege === Privilege.user) return false;
    const offsets = this.text.outsideInPage(page, this.pages.addressOf(decodedPage));
    this.pages.arm(decodedPage, offsets);
    return offsets.length === PAGE_SIZE / 2;
  }
}

const instantiate = (code: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports): WebAssembly.Imports =>
  new WebAssembly.Instance(new WebAssembly.Module(code), { core: imports }).exports;
