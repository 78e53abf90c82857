/** The kernel's log as it is in memory: also of a kernel that died before it had a console to print it on. */
import type { Program } from '../symbols/api';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';
import { mostRecords, type LogReader, type LogRecord } from './log-record';
import { PrintkBuffer } from './printk-buffer';
import { PrintkRing } from './printk-ring';

export class KernelLog {
  readonly #readers: readonly LogReader[];

  constructor(program: Program, image: KernelImage) {
    this.#readers = [new PrintkRing(program, image), new PrintkBuffer(program, image)];
  }

  /** The newest `most` records, oldest first; `undefined` if the program has no log that is known. */
  read(memory: KernelMemory, most = mostRecords): readonly LogRecord[] | undefined {
    const bounded = Math.min(Math.max(0, Math.floor(most)), mostRecords);
    for (const reader of this.#readers) {
      const records = reader.read(memory, bounded);
      if (records) return records;
    }
    return undefined;
  }
}
