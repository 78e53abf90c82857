/** Sizes of memory as people write them: `256M`, `1G`, `131072K`, or a number of bytes. */

const units = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 } as const;

/**
 * 1. Decimal number
 * 2. Unit, in powers of 1024
 */
const pattern = /^(\d{1,15})\s*(?:([KMG])(?:iB|B)?)?$/i;

/** Bytes, or `undefined` for what is no size. */
export function parseMemorySize(size: string | number): number | undefined {
  if (typeof size === 'number') return Number.isSafeInteger(size) && size > 0 ? size : undefined;
  const match = pattern.exec(size.trim());
  if (!match) return undefined;
  const unit = match[2]?.toUpperCase() as keyof typeof units | undefined;
  const bytes = Number(match[1]) * (unit ? units[unit] : 1);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}
