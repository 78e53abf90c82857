/** Trap causes in words (priv 1.13 §4.1.8, table of scause). */

const exceptions = [
  'instruction address misaligned',
  'instruction access fault',
  'illegal instruction',
  'breakpoint',
  'load address misaligned',
  'load access fault',
  'store address misaligned',
  'store access fault',
  'environment call from U-mode',
  'environment call from S-mode',
  undefined,
  'environment call from M-mode',
  'instruction page fault',
  'load page fault',
  undefined,
  'store page fault',
] as const;

const interrupts: Readonly<Record<number, string>> = {
  1: 'supervisor software',
  3: 'machine software',
  5: 'supervisor timer',
  7: 'machine timer',
  9: 'supervisor external',
  11: 'machine external',
  13: 'counter overflow',
};

const interruptBit = 1n << 63n;

export function isInterrupt(cause: bigint): boolean {
  return (cause & interruptBit) !== 0n;
}

/** `load page fault`, `supervisor timer`; `cause 24` for one that has no name. */
export function causeName(cause: bigint): string {
  const code = cause & (interruptBit - 1n);
  const name =
    code > 63n ? undefined : isInterrupt(cause) ? interrupts[Number(code)] : exceptions[Number(code)];
  return name ?? `cause ${code}`;
}

/** `exception: load page fault at 0x…`, `interrupt: supervisor timer`: only causes whose tval is an address or bits say it. */
export function describeTrap(cause: bigint, tval: bigint): string {
  if (isInterrupt(cause)) return `interrupt: ${causeName(cause)}`;
  return `exception: ${causeName(cause)}${describeValue(cause, tval)}`;
}

function describeValue(cause: bigint, tval: bigint): string {
  if (cause === 2n) return ` 0x${tval.toString(16)}`;
  const environmentCall = cause >= 8n && cause <= 11n;
  return environmentCall || cause > 15n ? '' : ` at 0x${tval.toString(16)}`;
}
