/** Per-CPU variables: each CPU has a copy at a distance that `__per_cpu_offset` holds (Linux 7.3 include/asm-generic/percpu.h). */
import type { Program } from '../symbols/api';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';

/** Far above every CONFIG_NR_CPUS of RISC-V; a damaged symbol table must not make us look at all memory. */
const mostCpus = 4096;

export interface CpuArea {
  readonly cpu: number;
  /** What is added to the address of a variable as the kernel's own code has it. */
  readonly offset: bigint;
  /** Where the CPU's copies begin. */
  readonly base: bigint;
}

export interface PerCpuVariable {
  readonly name: string;
  /** As linked. */
  readonly address: bigint;
  /** Bytes. */
  readonly size: number;
}

export class PerCpu {
  readonly #image: KernelImage;
  readonly #symbols: Program['symbols'];
  /** Of the variables as linked: they are nothing but the copy that the others are made of. */
  readonly #start: bigint;
  readonly #end: bigint;
  readonly #possible: bigint | undefined;
  #variables: readonly PerCpuVariable[] | undefined;
  readonly #offsets: { readonly address: bigint; readonly cpus: number } | undefined;

  constructor(program: Program, image: KernelImage) {
    const offsets = program.symbols.named('__per_cpu_offset')[0];
    this.#image = image;
    this.#symbols = program.symbols;
    this.#start = program.symbols.named('__per_cpu_start')[0]?.address ?? 0n;
    this.#end = program.symbols.named('__per_cpu_end')[0]?.address ?? 0n;
    this.#possible = program.symbols.named('__cpu_possible_mask')[0]?.address;
    this.#offsets = offsets && { address: offsets.address, cpus: Math.floor(offsets.size / 8) };
  }

  /** How many CPUs the kernel is built for. */
  get cpus(): number {
    return this.#offsets?.cpus ?? 1;
  }

  /**
   * Those that the kernel has made areas for, with where the copies of all variables begin (`__per_cpu_start` moved by the offset).
   * Before it has, the first CPU uses the variables themselves.
   */
  areas(memory: KernelMemory): readonly CpuArea[] {
    const mask = this.#possible && memory.u64(this.#image.linkToRunning(this.#possible));
    const areas = Array.from({ length: Math.min(this.cpus, mostCpus) }, (_, cpu) => {
      const offset = this.offset(cpu, memory);
      const isPossible = cpu > 63 || mask === undefined || ((mask >> BigInt(cpu)) & 1n) === 1n;
      return offset === undefined || (offset === 0n && cpu > 0) || (cpu > 0 && !isPossible)
        ? []
        : [{ cpu, offset, base: BigInt.asUintN(64, this.#image.linkToRunning(this.#start) + offset) }];
    });
    return areas.flat();
  }

  /** All that each CPU has its own copy of, by name. */
  variables(): readonly PerCpuVariable[] {
    return (this.#variables ??= this.#symbols.symbols
      .filter(({ address, kind, size }) => {
        return address >= this.#start && address < this.#end && kind === 'object' && size > 0;
      })
      .map(({ name, address, size }) => ({ name, address, size }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)));
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
