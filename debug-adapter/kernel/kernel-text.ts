/** R18: which addresses are kernel text. */
import type { Program } from '../symbols/api';
import type { KernelImage } from './kernel-image';

export interface TextRange {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * The executable sections of the image up to `_etext` and between `__init_begin` and `__init_end`, as the kernel's own
 * `core_kernel_text()` has it (kernel/extable.c, Linux 7.3): a user program that is linked into an image without an MMU
 * lies behind them.
 */
export function kernelText(program: Program, image: KernelImage): readonly TextRange[] {
  const address = (name: string) => program.symbols.named(name)[0]?.address;
  const etext = address('_etext');
  const init = initMemory(program);
  const isInit = (at: bigint) => init !== undefined && at >= init.start && at < init.end;
  return program.text.filter(
    ({ start }) => image.contains(start) && (etext === undefined || start < etext || isInit(start)),
  );
}

/** What the kernel gives back once it has booted (`free_initmem()`), text and data. */
export function initMemory(program: Program): TextRange | undefined {
  const start = program.symbols.named('__init_begin')[0]?.address;
  const end = program.symbols.named('__init_end')[0]?.address;
  return start !== undefined && end !== undefined && start < end ? { start, end } : undefined;
}
