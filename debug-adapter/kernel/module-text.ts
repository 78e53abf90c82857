/** R18: the text of loaded modules. */
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';
import type { ModuleList, ModuleRegion } from './module-list';

export class ModuleText {
  readonly #list: ModuleList;
  readonly #image: KernelImage;

  constructor(list: ModuleList, image: KernelImage) {
    this.#list = list;
    this.#image = image;
  }

  /**
   * Is a running address text of a module that is loaded now? For one stop of the machine: the list is read at the first address in
   * the kernel's half that somebody asks for.
   */
  at(memory: KernelMemory): (pc: bigint) => boolean {
    let ranges: readonly ModuleRegion[] | undefined;
    return (pc) => {
      if (!this.#list.exists || !this.#image.isKernelHalf(pc)) return false;
      ranges ??= this.#list.text(memory);
      return ranges.some(({ start, end }) => pc >= start && pc < end);
    };
  }
}
