/** Trap causes as `scause` and `mcause` encode them (priv 1.13 §3.1.15 and §10.1.8, tables of cause values). */

const interruptBit = 1n << 63n;

const exceptions: Readonly<Record<number, string>> = {
  0: 'instruction address misaligned',
  1: 'instruction access fault',
  2: 'illegal instruction',
  3: 'breakpoint',
  4: 'load address misaligned',
  5: 'load access fault',
  6: 'store/AMO address misaligned',
  7: 'store/AMO access fault',
  8: 'environment call from U-mode',
  9: 'environment call from S-mode',
  10: 'environment call from VS-mode',
  11: 'environment call from M-mode',
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store/AMO page fault',
  16: 'double trap',
  18: 'software check',
  19: 'hardware error',
  20: 'instruction guest-page fault',
  21: 'load guest-page fault',
  22: 'virtual instruction',
  23: 'store/AMO guest-page fault',
};

const interrupts: Readonly<Record<number, string>> = {
  1: 'supervisor software interrupt',
  2: 'virtual supervisor software interrupt',
  3: 'machine software interrupt',
  5: 'supervisor timer interrupt',
  6: 'virtual supervisor timer interrupt',
  7: 'machine timer interrupt',
  9: 'supervisor external interrupt',
  10: 'virtual supervisor external interrupt',
  11: 'machine external interrupt',
  12: 'supervisor guest external interrupt',
  13: 'counter overflow interrupt',
};

/** A cause that the manual names. */
export interface Cause {
  readonly kind: 'exception' | 'interrupt';
  readonly code: number;
  readonly name: string;
}

export const causes: readonly Cause[] = (
  [
    ['exception', exceptions],
    ['interrupt', interrupts],
  ] as const
).flatMap(([kind, names]) =>
  Object.entries(names).map(([code, name]) => ({ kind, code: Number(code), name })),
);

/** Exceptions whose `stval` or `badaddr` is the address that could not be used. */
const addressFaults = new Set([0n, 1n, 4n, 5n, 6n, 7n, 12n, 13n, 15n, 20n, 21n, 23n]);

export function isInterrupt(cause: bigint): boolean {
  return (cause & interruptBit) !== 0n;
}

/** `load page fault`, `supervisor timer interrupt`; `exception 24` for numbers the manual leaves reserved. */
export function causeName(cause: bigint): string {
  const code = cause & ~interruptBit;
  return isInterrupt(cause)
    ? (interrupts[Number(code)] ?? `interrupt ${code}`)
    : (exceptions[Number(code)] ?? `exception ${code}`);
}

/** True if the trap value of this cause is the address of a fault. */
export function hasFaultAddress(cause: bigint): boolean {
  return addressFaults.has(cause);
}
