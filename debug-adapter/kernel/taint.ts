/** What the kernel notes of a module that has tainted it, a letter each (`taint_flags`, Linux 7.3 kernel/panic.c). */
const letters = Array.from('PFSRMBUDAWCIOELKXTNJ');

/** `OE` for an unsigned module from outside of the kernel's tree. */
export function taintLetters(taints: bigint): string {
  return letters.filter((_, bit) => (taints >> BigInt(bit)) & 1n).join('');
}
