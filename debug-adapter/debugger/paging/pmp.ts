/** Physical memory protection as a person reads it (priv 1.13 §3.7). */
import { hex } from '../../unwind/hex';
import type { Access } from './page-rights';

export interface PmpEntry {
  readonly index: number;
  readonly mode: 'OFF' | 'TOR' | 'NA4' | 'NAPOT';
  /** Physical addresses `[low, high)`; empty for OFF, and for a TOR entry whose bottom is not below its top. */
  readonly low: bigint;
  readonly high: bigint;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** Binds M-mode too, until reset. */
  readonly locked: boolean;
}

const modes = ['OFF', 'TOR', 'NA4', 'NAPOT'] as const;
const pmpcfg0 = 0x3a0;
const pmpaddr0 = 0x3b0;
const most = 64;

/** All entries that the hart has, in the order in which they decide. On RV64 every other pmpcfg register holds eight. */
export function pmpEntries(getCsr: (address: number) => bigint | undefined): readonly PmpEntry[] {
  const entries: PmpEntry[] = [];
  let previous = 0n;
  for (let index = 0; index < most; index++) {
    const configs = getCsr(pmpcfg0 + (index >> 3) * 2);
    const address = getCsr(pmpaddr0 + index);
    if (configs === undefined || address === undefined) break;
    const config = Number((configs >> BigInt((index & 7) * 8)) & 0xffn);
    entries.push(pmpEntry(index, config, address, previous));
    previous = address;
  }
  return entries;
}

function pmpEntry(index: number, config: number, address: bigint, previous: bigint): PmpEntry {
  const mode = modes[(config >> 3) & 3]!;
  return {
    index,
    mode,
    ...range(mode, address, previous),
    read: (config & 1) !== 0,
    write: (config & 2) !== 0,
    execute: (config & 4) !== 0,
    locked: (config & 0x80) !== 0,
  };
}

function range(mode: PmpEntry['mode'], address: bigint, previous: bigint): Pick<PmpEntry, 'low' | 'high'> {
  switch (mode) {
    case 'OFF':
      return { low: 0n, high: 0n };
    case 'TOR':
      return { low: previous << 2n, high: address << 2n };
    case 'NA4':
      return { low: address << 2n, high: (address << 2n) + 4n };
    case 'NAPOT': {
      // Trailing ones say the size: k of them, 2^(k+3) bytes.
      const ones = address & ~(address + 1n);
      const low = (address & ~ones) << 2n;
      return { low, high: low + ((ones + 1n) << 3n) };
    }
  }
}

/** `NAPOT [0x80000000, 0x80200000) RWX L`, or `OFF`. */
export function describePmp({ mode, low, high, read, write, execute, locked }: PmpEntry): string {
  if (mode === 'OFF') return locked ? 'OFF L' : 'OFF';
  const rights = `${read ? 'R' : '-'}${write ? 'W' : '-'}${execute ? 'X' : '-'}`;
  return `${mode} [${hex(low)}, ${hex(high)}) ${rights}${locked ? ' L' : ''}`;
}

/** Whether an access is allowed, and the entry that decided; `undefined` if none matches. */
interface PmpVerdict {
  readonly allowed: boolean;
  readonly entry: PmpEntry | undefined;
}

/** The lowest-numbered entry that matches a byte of the access decides, and must match all of them (§3.7.1). */
export function pmpVerdict(
  entries: readonly PmpEntry[],
  address: bigint,
  length: number,
  access: Access,
  privilege: 'user' | 'supervisor' | 'machine',
): PmpVerdict {
  const end = address + BigInt(length);
  const entry = entries.find(({ low, high }) => low < high && end > low && address < high);
  // A hart without entries has no PMP; with some, what none matches is for M-mode only.
  if (!entry) return { allowed: privilege === 'machine' || entries.length === 0, entry };
  if (address < entry.low || end > entry.high) return { allowed: false, entry };
  const granted = { load: entry.read, store: entry.write, fetch: entry.execute }[access];
  return { allowed: granted || (privilege === 'machine' && !entry.locked), entry };
}
