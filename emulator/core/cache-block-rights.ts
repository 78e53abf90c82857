import { Privilege } from '../api';
import type { ExtensionSet } from '../isa/extensions';
import type { HartState } from './hart-state';

/** Fields of menvcfg and senvcfg that let lower privileges use cache-block instructions (cmobase 1.0 §2.5.1). */
export const CacheBlockField = {
  /** cbo.inval: 0 is illegal, 1 flushes, 3 invalidates, 2 is reserved. */
  CBIE: 3n << 4n,
  /** cbo.clean and cbo.flush. */
  CBCFE: 1n << 6n,
  /** cbo.zero. */
  CBZE: 1n << 7n,
} as const;
const RESERVED_CBIE = 2n << 4n;

/** The fields that a machine with these extensions has. */
export function cacheBlockFields(extensions: ExtensionSet): bigint {
  const { CBIE, CBCFE, CBZE } = CacheBlockField;
  return (extensions.has('zicbom') ? CBIE | CBCFE : 0n) | (extensions.has('zicboz') ? CBZE : 0n);
}

/** `value` as it is stored in a register that holds `old`: the reserved value of CBIE changes nothing. */
export function legalCacheBlockFields(old: bigint, value: bigint): bigint {
  const { CBIE } = CacheBlockField;
  return (value & CBIE) === RESERVED_CBIE ? (value & ~CBIE) | (old & CBIE) : value;
}

/** True if the hart may use the instruction of that field; else it is illegal. */
export function mayUseCacheBlocks({ privilege, menvcfg, senvcfg }: HartState, field: bigint): boolean {
  if (privilege === Privilege.machine) return true;
  return (menvcfg & field) !== 0n && (privilege === Privilege.supervisor || (senvcfg & field) !== 0n);
}
