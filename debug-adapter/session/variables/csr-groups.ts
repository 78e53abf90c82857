/** Which CSRs belong together: the groups of the manual's listing, by number (priv 1.13 §2.2). */
import type { CsrDescription } from '../../target/target';

interface Range {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** In the order of the list; a number belongs to the first range that has it. */
const ranges: readonly Range[] = [
  { name: 'Floating point', from: 0x001, to: 0x003 },
  { name: 'Vector', from: 0x008, to: 0x00f },
  { name: 'Vector', from: 0xc20, to: 0xc22 },
  { name: 'Counters and timers', from: 0xc00, to: 0xc02 },
  { name: 'Programmable counters', from: 0xc03, to: 0xc1f },
  { name: 'Configuration', from: 0x10a, to: 0x10a },
  { name: 'Trap setup', from: 0x100, to: 0x11f },
  { name: 'Counter setup', from: 0x120, to: 0x13f },
  { name: 'Counters and timers', from: 0x14d, to: 0x14d },
  { name: 'Trap handling', from: 0x140, to: 0x17f },
  { name: 'Trap handling', from: 0xda0, to: 0xdff },
  { name: 'Translation', from: 0x180, to: 0x1ff },
  { name: 'Hypervisor', from: 0x600, to: 0x6ff },
  { name: 'Hypervisor', from: 0xe00, to: 0xeff },
  { name: 'Virtual supervisor', from: 0x200, to: 0x2ff },
  { name: 'Configuration', from: 0x30a, to: 0x30a },
  { name: 'Configuration', from: 0x31a, to: 0x31a },
  { name: 'Configuration', from: 0x740, to: 0x75f },
  { name: 'Trap setup', from: 0x300, to: 0x31f },
  { name: 'Counter setup', from: 0x320, to: 0x322 },
  { name: 'Programmable counters', from: 0x323, to: 0x33f },
  { name: 'Trap handling', from: 0x340, to: 0x35f },
  { name: 'Memory protection', from: 0x3a0, to: 0x3ef },
  { name: 'Counters and timers', from: 0xb00, to: 0xb02 },
  { name: 'Programmable counters', from: 0xb03, to: 0xb1f },
  { name: 'Debug and trace', from: 0x7a0, to: 0x7bf },
  { name: 'Machine information', from: 0xf00, to: 0xfff },
];

export const memoryProtection = 'Memory protection';

const rank = ({ address }: CsrDescription): number => {
  const found = ranges.findIndex(({ from, to }) => address >= from && address <= to);
  return found < 0 ? ranges.length : found;
};

/** CSRs by group, groups and registers in the manual's order. */
export function groupCsrs(
  csrs: readonly CsrDescription[],
): readonly { readonly name: string; readonly csrs: readonly CsrDescription[] }[] {
  const groups = new Map<string, CsrDescription[]>();
  const sorted = [...csrs].sort((a, b) => rank(a) - rank(b) || a.address - b.address);
  for (const csr of sorted) {
    const name = ranges[rank(csr)]?.name ?? 'Others';
    groups.set(name, [...(groups.get(name) ?? []), csr]);
  }
  return [...groups].map(([name, members]) => ({ name, csrs: members }));
}
