/** The modules that are loaded, which the kernel links in its list `modules` (Linux kernel/module/main.c). */
import type { Program } from '../symbols/api';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';
import { moduleLayout, type ModuleLayout, type RegionLayout } from './module-layout';
import { readModuleSections, sectionLayout, type SectionLayout } from './module-sections';
import { readModuleSymbols, type ModuleSymbol } from './module-symbols';
import { StructView } from './struct-view';
import { taintLetters } from './taint';

const listHead = 'modules';
/** Far above what is loaded anywhere; a damaged list must not keep us. */
const mostModules = 4096;
/** No piece of a module is so large. */
const largestRegion = 1 << 28;
const mostUsers = 256;
const longestName = 64;

export interface ModuleRegion {
  readonly name: RegionLayout['name'];
  readonly start: bigint;
  readonly end: bigint;
}

export interface KernelModule {
  /** Of its `struct module`. */
  readonly address: bigint;
  readonly name: string;
  readonly state: 'live' | 'coming' | 'going';
  /** Those that are there: text for initialization is given back when it has run. */
  readonly regions: readonly ModuleRegion[];
  /** Bytes of all its memory, as /proc/modules has it. */
  readonly size: number;
  /** Who uses it, besides other modules; `undefined` if the kernel cannot unload modules. */
  readonly references: number | undefined;
  /** Names of the modules that use it. */
  readonly users: readonly string[];
  /** Such as `OE`; empty for most. */
  readonly taints: string;
  /** Its symbols, read from the kernel's memory when first asked for. */
  symbols(): readonly ModuleSymbol[];
  /** Where the sections of its file are, by name, also those whose memory was given back; empty if the kernel does not show it. */
  sections(): ReadonlyMap<string, bigint>;
}

/** The types that are looked up for it, in a kernel that has modules. */
export function moduleTypes({ symbols }: Program): readonly string[] {
  return symbols.named(listHead).length > 0 ? ['module', 'module_memory', 'MOD_TEXT', 'MOD_INIT_TEXT'] : [];
}

/**
 * Link-time addresses, in a kernel that has modules: a module's memory and symbols are in place before its first code runs in
 * do_init_module(), and it counts as unformed in module_arch_cleanup(), before its memory is freed (Linux 5.4 to 7.3).
 */
export function moduleMilestones({ symbols }: Pick<Program, 'symbols'>): readonly bigint[] {
  if (symbols.named(listHead).length === 0) return [];
  return ['do_init_module', 'module_arch_cleanup'].flatMap((name) =>
    symbols.named(name).map(({ address }) => address),
  );
}

export class ModuleList {
  readonly #program: Program;
  readonly #image: KernelImage;
  /** Of the list's head, as linked. */
  readonly #modules: bigint | undefined;
  #layout: ModuleLayout | undefined;
  #sectionLayout: SectionLayout | undefined;
  /** A module's symbols stay what they are until its table changes: after initialization, or when another is in its memory. */
  readonly #symbols = new Map<string, readonly ModuleSymbol[]>();

  constructor(program: Program, image: KernelImage) {
    this.#program = program;
    this.#image = image;
    this.#modules = program.symbols.named(listHead)[0]?.address;
  }

  /** False for a kernel without modules. */
  get exists(): boolean {
    return this.#modules !== undefined;
  }

  /** In the kernel's order: the youngest first. Ends early at what cannot be read, and at the most there can be. */
  all(memory: KernelMemory): readonly KernelModule[] {
    return [...this.#each(memory)].flatMap(({ view, layout }) => this.#module(view, layout, memory) ?? []);
  }

  /** Only where their text is: for a question that each row of a stack asks. */
  text(memory: KernelMemory): readonly ModuleRegion[] {
    return [...this.#each(memory)].flatMap(({ view, layout }) =>
      this.#regions(view, layout).filter(({ name }) => name === 'text' || name === 'init text'),
    );
  }

  *#each(memory: KernelMemory): Iterable<{ readonly view: StructView; readonly layout: ModuleLayout }> {
    if (this.#modules === undefined) return;
    const layout = (this.#layout ??= moduleLayout(this.#program));
    if (!layout) return;
    const head = this.#image.linkToRunning(this.#modules);
    let link = memory.u64(head);
    for (let n = 0; n < mostModules && link !== undefined && link !== head; n++) {
      const view = StructView.read(
        BigInt.asUintN(64, link - BigInt(layout.list)),
        layout.struct.size,
        memory,
      );
      if (!view) return;
      yield { view, layout };
      link = view.u64(layout.list);
    }
  }

  /** `undefined` for one that the kernel does not show either: it is not complete yet, or not any more. */
  #module(view: StructView, layout: ModuleLayout, memory: KernelMemory): KernelModule | undefined {
    const { members } = layout.struct;
    const { states } = layout;
    const state = view.field(members.get('state'));
    if (state === states.unformed) return undefined;
    const references = members.get('refcnt')?.offset;
    const regions = this.#regions(view, layout);
    const table = view.u64(members.get('kallsyms')?.offset);
    return {
      address: view.address,
      name: nameOf(view, layout),
      state: state === states.coming ? 'coming' : state === states.going ? 'going' : 'live',
      regions,
      size: layout.sizes.reduce((sum, offset) => sum + (view.u32(offset) ?? 0), 0),
      // MODULE_REF_BASE is what it has while it can be used.
      references: references === undefined ? undefined : Math.max(0, (view.u32(references) ?? 0) - 1),
      users: this.#users(view, layout, memory),
      taints: taintLetters(view.u64(members.get('taints')?.offset) ?? 0n),
      sections: () => {
        this.#sectionLayout ??= sectionLayout(this.#program.types);
        return readModuleSections(view, layout.struct, this.#sectionLayout, memory);
      },
      symbols: () => this.#symbolsOf(view.address, table, layout, regions, memory),
    };
  }

  #regions(view: StructView, layout: ModuleLayout): readonly ModuleRegion[] {
    return layout.regions.flatMap(({ name, base, size }) => {
      const start = view.u64(base) ?? 0n;
      const length = view.u32(size) ?? 0;
      return length > 0 && length <= largestRegion && this.#image.isKernelHalf(start)
        ? [{ name, start, end: start + BigInt(length) }]
        : [];
    });
  }

  /** Each `struct module_use` in the list `source_list` is one module that depends on this one. */
  #users(view: StructView, layout: ModuleLayout, memory: KernelMemory): readonly string[] {
    const list = layout.struct.members.get('source_list')?.offset;
    const first = list === undefined ? undefined : view.u64(list);
    if (list === undefined || first === undefined) return [];
    const head = view.address + BigInt(list);
    if (first === head) return [];
    const use = this.#program.types.struct('module_use');
    const [node, source] = ['source_list', 'source'].map((name) => use?.members.get(name)?.offset);
    const users: string[] = [];
    if (!use || node === undefined || source === undefined) return users;
    for (let link = first; link !== head && users.length < mostUsers;) {
      const one = StructView.read(BigInt.asUintN(64, link - BigInt(node)), Math.min(use.size, 256), memory);
      const address = one?.u64(source);
      const next = one?.u64(node);
      const user = address === undefined ? undefined : StructView.read(address, layout.struct.size, memory);
      if (!user || next === undefined) break;
      users.push(nameOf(user, layout));
      link = next;
    }
    return users;
  }

  #symbolsOf(
    module: bigint,
    table: bigint | undefined,
    { symbols }: ModuleLayout,
    regions: readonly ModuleRegion[],
    memory: KernelMemory,
  ): readonly ModuleSymbol[] {
    if (!symbols || table === undefined) return [];
    const key = [module, table, ...regions.flatMap(({ start, end }) => [start, end])].join();
    let found = this.#symbols.get(key);
    if (!found) {
      if (this.#symbols.size >= mostModules) this.#symbols.clear();
      found = readModuleSymbols(table, symbols, regions, memory);
      this.#symbols.set(key, found);
    }
    return found;
  }
}

/** Guest memory may hold anything; what is no name must not reach a terminal. */
function nameOf(view: StructView, { struct }: ModuleLayout): string {
  const member = struct.members.get('name');
  const bytes = member && view.bytes(member.offset, Math.min(member.size, longestName));
  const end = bytes?.indexOf(0) ?? -1;
  return String.fromCharCode(...(bytes?.subarray(0, end < 0 ? undefined : end) ?? [])).replace(
    /[^ -~]/g,
    '?',
  );
}
