/** R18: the text of loaded modules, which the kernel links in its list `modules` (Linux kernel/module/main.c). */
import type { Program } from '../symbols/api';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';
import type { TextRange } from './kernel-text';
import { StructView } from './struct-view';

const listHead = 'modules';
/** Far above what is loaded anywhere; a damaged list must not keep us. */
const mostModules = 4096;
/** No module's text and no `struct module` is so large. */
const largestText = 1 << 28;
const largestStruct = 65536;

/** Byte offsets in `struct module`. */
interface Layout {
  readonly list: number;
  /** Text, and text for initialization, which is not there any more in most. */
  readonly text: readonly { readonly base: number; readonly size: number }[];
  /** How much is read of one. */
  readonly end: number;
}

/** The types that are looked up for it, in a kernel that has modules. */
export function moduleTypes({ symbols }: Program): readonly string[] {
  return symbols.named(listHead).length > 0 ? ['module', 'module_memory', 'MOD_TEXT', 'MOD_INIT_TEXT'] : [];
}

export class ModuleText {
  readonly #program: Program;
  readonly #image: KernelImage;
  /** Of the list's head, as linked. */
  readonly #modules: bigint | undefined;
  #layout: Layout | undefined;

  constructor(program: Program, image: KernelImage) {
    this.#program = program;
    this.#image = image;
    this.#modules = program.symbols.named(listHead)[0]?.address;
  }

  /**
   * Is a running address text of a module that is loaded now? For one stop of the machine: the list is read at the first address in
   * the kernel's half that somebody asks for.
   */
  at(memory: KernelMemory): (pc: bigint) => boolean {
    let ranges: readonly TextRange[] | undefined;
    return (pc) => {
      if (this.#modules === undefined || !this.#image.isKernelHalf(pc)) return false;
      ranges ??= this.#read(memory);
      return ranges.some(({ start, end }) => pc >= start && pc < end);
    };
  }

  /** Ends early at what cannot be read, and at the most there can be. */
  #read(memory: KernelMemory): readonly TextRange[] {
    const layout = (this.#layout ??= moduleLayout(this.#program));
    if (!layout) return [];
    const head = this.#image.linkToRunning(this.#modules!);
    const found: TextRange[] = [];
    let link = memory.u64(head);
    for (let n = 0; n < mostModules && link !== undefined && link !== head; n++) {
      const module = StructView.read(BigInt.asUintN(64, link - BigInt(layout.list)), layout.end, memory);
      if (!module) break;
      for (const { base, size } of layout.text) {
        const start = module.u64(base) ?? 0n;
        const length = module.u32(size) ?? 0;
        if (length > 0 && length <= largestText && this.#image.isKernelHalf(start))
          found.push({ start, end: start + BigInt(length) });
      }
      link = module.u64(layout.list);
    }
    return found;
  }
}

/** `mem[MOD_TEXT]` since Linux 6.4, `core_layout` since 4.5. */
function moduleLayout({ types }: Program): Layout | undefined {
  const members = types.struct('module')?.members;
  const list = members?.get('list')?.offset;
  if (!members || list === undefined) return undefined;
  const text = [
    ...memoryByType(types, members.get('mem')?.offset),
    ...layouts((name) => members.get(name)?.offset),
  ];
  const end = Math.max(list + 8, ...text.flatMap(({ base, size }) => [base + 8, size + 4]));
  return text.length === 0 || end > largestStruct ? undefined : { list, text, end };
}

function memoryByType(types: Program['types'], mem: number | undefined): Layout['text'] {
  const element = mem === undefined ? undefined : types.struct('module_memory');
  const [base, size] = ['base', 'size'].map((name) => element?.members.get(name)?.offset);
  if (mem === undefined || !element || base === undefined || size === undefined) return [];
  return ['MOD_TEXT', 'MOD_INIT_TEXT'].flatMap((name) => {
    const index = types.enumerator(name);
    if (index === undefined) return [];
    const start = mem + Number(index) * element.size;
    return [{ base: start + base, size: start + size }];
  });
}

function layouts(offset: (name: string) => number | undefined): Layout['text'] {
  return ['core_layout', 'init_layout'].flatMap((name) => {
    const [base, size] = [offset(`${name}.base`), offset(`${name}.text_size`)];
    return base === undefined || size === undefined ? [] : [{ base, size }];
  });
}
