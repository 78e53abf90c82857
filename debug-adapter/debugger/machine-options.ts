/** The options of a launch that shape the machine, checked. */
import type { TargetConfig } from '../target/create-target';
import type { LaunchOptions } from './api';
import { badHarts, badLimit, badMemory } from './errors';
import { parseMemorySize } from './memory-size';

const pageSize = 4096;
const mostMemory = 2 ** 31;
const mostHarts = 8;

type MachineOptions = Pick<TargetConfig, 'harts' | 'memory' | 'append' | 'maxInstructions'>;

/** Throws `UserError` for a machine that cannot be built. */
export function machineOptions({ smp, memory, append, maxInstructions }: LaunchOptions): MachineOptions {
  if (smp !== undefined && !(Number.isInteger(smp) && smp >= 1 && smp <= mostHarts)) throw badHarts(smp);
  if (maxInstructions !== undefined && !(Number.isSafeInteger(maxInstructions) && maxInstructions > 0)) {
    throw badLimit(maxInstructions);
  }
  return {
    ...(smp !== undefined && { harts: smp }),
    ...(memory !== undefined && { memory: memoryBytes(memory) }),
    ...(append !== undefined && { append }),
    ...(maxInstructions !== undefined && { maxInstructions }),
  };
}

function memoryBytes(memory: string | number): number {
  const bytes = parseMemorySize(memory);
  if (bytes === undefined || bytes % pageSize !== 0 || bytes > mostMemory) throw badMemory(memory);
  return bytes;
}
