/**
 * What a kernel settles while it boots and a debugger has to follow: where a relocatable kernel has moved itself, and
 * whether its init text is gone. Read from the image's physical place, so that it is known before the MMU is on.
 */
import type { Program } from '../symbols/api';
import type { ReadMemory } from '../unwind/types';
import type { KernelImage } from './kernel-image';

const pageSize = 4096n;

export class BootState {
  /** True once the kernel gives its init text back, or has done so: other things may lie there. */
  initFreed = false;
  /** True while the boot task starts the kernel up and is not the idle task yet (`SYSTEM_BOOTING`, which is 0). */
  booting = false;
  /** Where the mapping of all memory begins, which kernels of Linux 5.17 and newer say; `undefined` before that is settled. */
  pageOffset: bigint | undefined;
  readonly #program: Program;
  readonly #image: KernelImage;
  #places: Places | undefined;

  constructor(program: Program, image: KernelImage) {
    this.#program = program;
    this.#image = image;
  }

  /** Addresses at which what is observed has changed, as linked: at the first before the kernel runs where it moved to. */
  get milestones(): readonly bigint[] {
    // setup_vm() has chosen by then (Linux 5.17 and newer, head.S); free_initmem() is about to free.
    return ['relocate_enable_mmu', 'free_initmem'].flatMap((name) => {
      const symbol = this.#program.symbols.named(name)[0];
      return symbol ? [symbol.address] : [];
    });
  }

  /** Looks at the machine; true if something is different from what it was at the last look. */
  observe(readPhysical: ReadMemory): boolean {
    // Types are read when the machine has first run, not while it is launched.
    this.#places ??= placesIn(this.#program);
    const slide = this.#slide(readPhysical) ?? this.#image.slide;
    const state = this.#systemState(readPhysical);
    const initFreed = state !== undefined && state >= this.#places.systemState!.freeing;
    this.booting = state === 0n;
    const pageOffset = this.#pageOffset(readPhysical) ?? this.pageOffset;
    const changed =
      slide !== this.#image.slide || initFreed !== this.initFreed || pageOffset !== this.pageOffset;
    this.pageOffset = pageOffset;
    this.#image.slide = slide;
    this.initFreed = initFreed;
    return changed;
  }

  /**
   * `kernel_map.virt_addr` is where the kernel is mapped, and `phys_addr` where `_start` is in memory (Linux 5.14 and newer,
   * arch/riscv/mm/init.c). Both are 0 before setup_vm(). What does not agree with where the image was loaded is no answer.
   */
  #slide(readPhysical: ReadMemory): bigint | undefined {
    const places = this.#places;
    if (!places?.map || places.start === undefined) return undefined;
    const virtual = this.#word(places.map.virtual, 8, readPhysical);
    const physical = this.#word(places.map.physical, 8, readPhysical);
    if (virtual === undefined || virtual === 0n) return undefined;
    if (physical !== this.#image.linkToPhysical(places.start)) return undefined;
    const slide = BigInt.asUintN(64, virtual - places.start);
    return slide % pageSize === 0n && this.#image.canMoveBy(slide) ? slide : undefined;
  }

  #pageOffset(readPhysical: ReadMemory): bigint | undefined {
    const address = this.#places?.map?.pageOffset;
    const value = address === undefined ? undefined : this.#word(address, 8, readPhysical);
    return value === undefined || !this.#image.isKernelHalf(value) ? undefined : value;
  }

  #systemState(readPhysical: ReadMemory): bigint | undefined {
    const address = this.#places?.systemState?.address;
    return address === undefined ? undefined : this.#word(address, 4, readPhysical);
  }

  #word(link: bigint, size: 4 | 8, readPhysical: ReadMemory): bigint | undefined {
    const physical = this.#image.linkToPhysical(link);
    const bytes = physical === undefined ? undefined : readPhysical(physical, size);
    if (!bytes) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, size);
    return size === 8 ? view.getBigUint64(0, true) : BigInt(view.getUint32(0, true));
  }
}

/** Link-time addresses. */
interface Places {
  readonly start: bigint | undefined;
  /** Members of `kernel_map`; `undefined` in kernels that have no such map, and so do not move. */
  readonly map:
    | { readonly virtual: bigint; readonly physical: bigint; readonly pageOffset: bigint | undefined }
    | undefined;
  /** `system_state`, and its first value at which init memory is being freed (include/linux/kernel.h). */
  readonly systemState: { readonly address: bigint; readonly freeing: bigint } | undefined;
}

function placesIn({ symbols, types }: Program): Places {
  const address = (name: string) => symbols.named(name)[0]?.address;
  const map = address('kernel_map');
  const members = map === undefined ? undefined : types.struct('kernel_mapping')?.members;
  const [virtual, physical, offset] = ['virt_addr', 'phys_addr', 'page_offset'].map(
    (name) => members?.get(name)?.offset,
  );
  const state = address('system_state');
  const freeing =
    state === undefined
      ? undefined
      : (types.enumerator('SYSTEM_FREEING_INITMEM') ?? types.enumerator('SYSTEM_RUNNING'));
  return {
    start: address('_start'),
    map:
      map === undefined || virtual === undefined || physical === undefined
        ? undefined
        : {
            virtual: map + BigInt(virtual),
            physical: map + BigInt(physical),
            pageOffset: offset === undefined ? undefined : map + BigInt(offset),
          },
    systemState: state === undefined || freeing === undefined ? undefined : { address: state, freeing },
  };
}
