/** Per-CPU variables: each CPU has a copy at a distance that `__per_cpu_offset` holds (Linux 7.3 include/asm-generic/percpu.h). */
import type { Program } from '../symbols/api';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';

export class PerCpu {
  readonly #image: KernelImage;
  readonly #offsets: { readonly address: bigint; readonly cpus: number } | undefined;

  constructor(program: Program, image: KernelImage) {
    const offsets = program.symbols.named('__per_cpu_offset')[0];
    this.#image = image;
    this.#offsets = offsets && { address: offsets.address, cpus: Math.floor(offsets.size / 8) };
  }

  /** How many CPUs the kernel is built for. */
  get cpus(): number {
    return this.#offsets?.cpus ?? 1;
  }

  /**
   * Address of a CPU's copy of the variable that is linked at `address`; `undefined` for a CPU that there cannot be. The offset is
   * relative to the first copy, which is in the image.
   */
  address(address: bigint, cpu: number, memory: KernelMemory): bigint | undefined {
    const offset = this.offset(cpu, memory);
    return offset === undefined ? undefined : BigInt.asUintN(64, this.#image.linkToRunning(address) + offset);
  }

  /** `__per_cpu_offset[cpu]`; kernels for one CPU have no such array and use the variables themselves. */
  offset(cpu: number, memory: KernelMemory): bigint | undefined {
    if (!this.#offsets) return cpu === 0 ? 0n : undefined;
    return cpu < this.#offsets.cpus
      ? memory.u64(this.#image.linkToRunning(this.#offsets.address) + BigInt(8 * cpu))
      : undefined;
  }
}
