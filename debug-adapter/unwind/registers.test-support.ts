import type { KnownRegisters } from './types';

/** What is known of x0 to x31, by index, ascending. */
export function known(registers: KnownRegisters): ReadonlyMap<number, bigint> {
  const found = new Map<number, bigint>();
  for (let index = 0; index < 32; index++) {
    const value = registers.get(index);
    if (value !== undefined) found.set(index, value);
  }
  return found;
}
