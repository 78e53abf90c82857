/** What a kernel has to show besides stacks: its log, its modules. Read when it is asked for; nothing is kept from one stop to the next. */
import type { Program } from '../symbols/api';
import type { ReadMemory } from '../unwind/types';
import type { KernelImage } from './kernel-image';
import { KernelLog } from './kernel-log';
import { KernelMemory } from './kernel-memory';
import type { LogRecord } from './log-record';
import type { KernelModule, ModuleList } from './module-list';

export interface KernelViews {
  /** False for a kernel that is built without modules. */
  readonly hasModules: boolean;
  /** Those that are loaded, the youngest first. */
  modules(memory: ReadMemory): readonly KernelModule[];
  /** The newest `most` messages of the log, oldest first; `undefined` for a kernel without a log that is known. */
  log(memory: ReadMemory, most?: number): readonly LogRecord[] | undefined;
}

export function kernelViews(program: Program, image: KernelImage, modules: ModuleList): KernelViews {
  const log = new KernelLog(program, image);
  const data = (memory: ReadMemory) => new KernelMemory(memory, image);
  return {
    hasModules: modules.exists,
    modules: (memory) => modules.all(data(memory)),
    log: (memory, most) => log.read(data(memory), most),
  };
}
