/** An address as people read it: `0xffffffff80001234`. */
export function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
