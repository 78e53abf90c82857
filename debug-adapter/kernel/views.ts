/** What a kernel has to show besides stacks: its log, its modules, its per-CPU variables, its interrupts. Read when it is asked for; nothing is kept from one stop to the next. */
import type { Program } from '../symbols/api';
import type { ReadMemory } from '../unwind/types';
import { InterruptList, type KernelInterrupt } from './interrupt-list';
import type { KernelImage } from './kernel-image';
import { KernelLog } from './kernel-log';
import { KernelMemory } from './kernel-memory';
import type { LogRecord } from './log-record';
import type { CpuArea, PerCpu, PerCpuVariable } from './per-cpu';
import type { KernelModule, ModuleList } from './module-list';

export interface KernelViews {
  /** False for a kernel that is built without modules. */
  readonly hasModules: boolean;
  /** Those that are loaded, the youngest first. */
  modules(memory: ReadMemory): readonly KernelModule[];
  /** CPUs that have an area for their copies of per-CPU variables. */
  cpuAreas(memory: ReadMemory): readonly CpuArea[];
  /** Per-CPU variables by name, at the addresses they are linked at. */
  readonly perCpuVariables: readonly PerCpuVariable[];
  /** Address of a CPU's copy of a variable by its address as linked; `undefined` for a CPU that there cannot be. */
  perCpuAddress(address: bigint, cpu: number, memory: ReadMemory): bigint | undefined;
  /** By number; `undefined` for a kernel that has no such list. */
  interrupts(memory: ReadMemory): readonly KernelInterrupt[] | undefined;
  /** The newest `most` messages of the log, oldest first; `undefined` for a kernel without a log that is known. */
  log(memory: ReadMemory, most?: number): readonly LogRecord[] | undefined;
}

export function kernelViews(
  program: Program,
  image: KernelImage,
  modules: ModuleList,
  perCpu: PerCpu,
): KernelViews {
  const log = new KernelLog(program, image);
  const interrupts = new InterruptList(program, image, perCpu);
  const data = (memory: ReadMemory) => new KernelMemory(memory, image);
  return {
    hasModules: modules.exists,
    modules: (memory) => modules.all(data(memory)),
    cpuAreas: (memory) => perCpu.areas(data(memory)),
    get perCpuVariables() {
      return perCpu.variables();
    },
    perCpuAddress: (address, cpu, memory) => perCpu.address(address, cpu, data(memory)),
    interrupts: (memory) => interrupts.all(data(memory)),
    log: (memory, most) => log.read(data(memory), most),
  };
}
