/** What reading costs, counted instead of timed. */
import { ByteReader } from '../../debug-adapter/symbols/bytes/byte-reader';

const COUNTED = ['u8', 'u16', 'u32', 'u64', 'size64', 'uleb', 'sleb', 'skip', 'skipLeb', 'cstring'] as const;

/** Runs an action and counts what it reads; fails when that is too much, also in the midst of a loop that would never end. */
export function counting(most: number, action: () => void): void {
  const prototype = ByteReader.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  const before = Object.fromEntries(COUNTED.map((name) => [name, prototype[name]!]));
  let reads = 0;
  for (const name of COUNTED) {
    prototype[name] = function (this: unknown, ...args: unknown[]) {
      if (++reads > most) throw new Error(`more than ${most} reads`);
      return before[name]!.apply(this, args);
    };
  }
  try {
    action();
  } finally {
    Object.assign(prototype, before);
  }
}
