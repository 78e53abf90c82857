/** R18: which addresses are kernel text. */
import type { Program } from '../symbols/api';
import type { KernelImage } from './kernel-image';

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * The executable sections of the image up to `_etext` and between `__init_begin` and `__init_end`, as the kernel's own
 * `core_kernel_text()` has it (kernel/extable.c, Linux 7.3): a user program that is linked into an image without an MMU
 * lies behind them.
 */
export function kernelText(program: Program, image: KernelImage): readonly Range[] {
  const address = (name: string) => program.symbols.named(name)[0]?.address;
  const etext = address('_etext');
  const initBegin = address('__init_begin');
  const initEnd = address('__init_end');
  const isInit = (at: bigint) =>
    initBegin !== undefined && initEnd !== undefined && at >= initBegin && at < initEnd;
  return program.text.filter(
    ({ start }) => image.contains(start) && (etext === undefined || start < etext || isInit(start)),
  );
}
