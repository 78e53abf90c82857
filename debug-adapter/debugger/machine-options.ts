/** The options of a launch that shape the machine, checked. */
import type { TargetConfig } from '../target/create-target';
import type { LaunchOptions } from './api';
import { badHarts, badLimit, badMemory, badSeed, badTime } from './errors';
import { parseMemorySize } from './memory-size';

const pageSize = 4096;
const mostMemory = 2 ** 31;
const mostHarts = 8;

type MachineOptions = Pick<
  TargetConfig,
  | 'harts'
  | 'memory'
  | 'append'
  | 'isa'
  | 'kaslrSeed'
  | 'epoch'
  | 'seed'
  | 'translate'
  | 'recordCalls'
  | 'maxInstructions'
>;

/** Throws `UserError` for a machine that cannot be built. */
export function machineOptions(options: LaunchOptions): MachineOptions {
  const { smp, memory, append, isa, kaslrSeed, rtc, seed, translate, recordCalls, maxInstructions } = options;
  if (smp !== undefined && !(Number.isInteger(smp) && smp >= 1 && smp <= mostHarts)) throw badHarts(smp);
  if (maxInstructions !== undefined && !(Number.isSafeInteger(maxInstructions) && maxInstructions > 0)) {
    throw badLimit(maxInstructions);
  }
  return {
    ...(smp !== undefined && { harts: smp }),
    ...(memory !== undefined && { memory: memoryBytes(memory) }),
    ...(append !== undefined && { append }),
    ...(isa !== undefined && { isa }),
    ...(kaslrSeed !== undefined && { kaslrSeed: seedBits(kaslrSeed) }),
    ...(rtc !== undefined && { epoch: milliseconds(rtc) }),
    ...(seed !== undefined && { seed: seedBits(seed) }),
    ...(translate !== undefined && { translate }),
    ...(recordCalls !== undefined && { recordCalls }),
    ...(maxInstructions !== undefined && { maxInstructions }),
  };
}

function memoryBytes(memory: string | number): number {
  const bytes = parseMemorySize(memory);
  if (bytes === undefined || bytes % pageSize !== 0 || bytes > mostMemory) throw badMemory(memory);
  return bytes;
}

function seedBits(seed: string | number): bigint {
  const text = String(seed).trim();
  const bits = /^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(text) ? BigInt(text) : undefined;
  // A number beyond 2^53 is not the one that was written.
  const exact = typeof seed === 'string' || Number.isSafeInteger(seed);
  if (bits === undefined || bits >= 1n << 64n || !exact) throw badSeed(seed);
  return bits;
}

/** 1. Date. 2. Time of day. 3. Time zone, UTC if not given. */
const isoTime = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?(Z|[+-]\d\d:\d\d)?$/i;

function milliseconds(time: string): number {
  if (time === 'now') return Date.now();
  const [, date, clock = '00:00', zone = 'Z'] = isoTime.exec(time.trim()) ?? [];
  const result = Date.parse(`${date}T${clock}${zone}`);
  if (Number.isNaN(result)) throw badTime(time);
  return result;
}
