/** Where a kernel executes code: in the text of its image, and where it makes code itself, which is mapped executable there and nowhere else. */
import type { Program } from '../symbols/api';
import type { KernelImage } from './kernel-image';
import type { TextRange } from './kernel-text';

export interface CodePlaces {
  /** Of the image, wherever it is mapped. */
  readonly physical: readonly TextRange[];
  /** Of modules, BPF programs and probes. */
  readonly virtual: readonly TextRange[];
}

/** Functions of kernels that make code: for modules, for BPF programs, and for the instructions that probes have replaced. */
const makers = ['module_alloc', 'execmem_alloc', 'bpf_jit_alloc_exec', 'alloc_insn_page'];
const halfOfKernel = 1n << 63n;
const end = 1n << 64n;

export function physicalText(text: readonly TextRange[], image: KernelImage): readonly TextRange[] {
  return text.flatMap(({ start, end }) => {
    const physical = image.linkToPhysical(start);
    return physical === undefined ? [] : [{ start: physical, end: physical + (end - start) }];
  });
}

/**
 * Modules and BPF programs are in the 2 GiB that end with the image, probes among what vmalloc() gives (Linux 7.3 arch/riscv/include/asm/pgtable.h,
 * mm/init.c). What is executable there the kernel has made so. That is nothing of the mapping of all memory, which lies between.
 */
export function madeCode(
  symbols: Program['symbols'],
  image: KernelImage,
  pageOffset: bigint | undefined,
): readonly TextRange[] {
  if (!makers.some((name) => symbols.named(name).length > 0)) return [];
  const { start, end: imageEnd } = image.running;
  // Without an MMU modules are anywhere.
  if (start < halfOfKernel) {
    return [
      { start: 0n, end: start },
      { start: imageEnd, end },
    ];
  }
  const modules = imageEnd - (2n << 30n);
  if (pageOffset === undefined || pageOffset >= modules) return [{ start: halfOfKernel, end: start }];
  return [
    { start: halfOfKernel, end: pageOffset },
    { start: modules, end: start },
  ];
}
