/** What satp says: the mode of address translation and where the root table is (priv 1.13 §11.1.11). */

export const pageSize = 4096n;

export interface PagingMode {
  readonly name: 'Sv39' | 'Sv48' | 'Sv57';
  readonly levels: 3 | 4 | 5;
}

export interface Satp {
  readonly bits: bigint;
  /** `bare` if addresses are physical, `reserved` for what no extension defines. */
  readonly mode: PagingMode | 'bare' | 'reserved';
  readonly asid: bigint;
  /** Physical address of the root table. */
  readonly root: bigint;
}

const modes: Readonly<Record<number, Satp['mode']>> = {
  0: 'bare',
  8: { name: 'Sv39', levels: 3 },
  9: { name: 'Sv48', levels: 4 },
  10: { name: 'Sv57', levels: 5 },
};

export function decodeSatp(bits: bigint): Satp {
  return {
    bits,
    mode: modes[Number(bits >> 60n)] ?? 'reserved',
    asid: (bits >> 44n) & 0xffffn,
    root: (bits & ((1n << 44n) - 1n)) * pageSize,
  };
}

/** Bytes that one entry of a level covers; level 0 has the pages. */
export const entrySpan = (level: number): bigint => 1n << BigInt(12 + 9 * level);

/** The address with the bits above those translated made equal to the highest of them, as a hart wants it. */
export const canonical = (address: bigint, { levels }: PagingMode): bigint =>
  BigInt.asUintN(64, BigInt.asIntN(12 + 9 * levels, address));
