/** The members of a `struct pt_regs`, by name. */
import type { PtRegsLayout } from './types';

/** ABI names of x0 to x31 as pt_regs spells its members (s0, not fp). */
const registerNames = (
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 ' + 's2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'
).split(' ');

/** One word of a pt_regs. */
interface PtRegsField {
  /** The member's name in C: `epc`, `s0`, `stackframe.type`. */
  readonly name: string;
  readonly offset: number;
}

/** The words of a pt_regs in memory order. */
export function ptRegsFields(layout: PtRegsLayout): readonly PtRegsField[] {
  const fields: PtRegsField[] = [
    { name: 'epc', offset: layout.epc },
    ...layout.x.slice(1).map((offset, index) => ({ name: registerNames[index + 1]!, offset })),
    { name: 'status', offset: layout.status },
    { name: 'badaddr', offset: layout.badaddr },
    { name: 'cause', offset: layout.cause },
  ];
  if (layout.origA0 !== undefined) fields.push({ name: 'orig_a0', offset: layout.origA0 });
  if (layout.stackframe !== undefined) {
    fields.push(
      { name: 'stackframe.record.fp', offset: layout.stackframe },
      { name: 'stackframe.record.ra', offset: layout.stackframe + 8 },
      { name: 'stackframe.type', offset: layout.stackframe + 16 },
    );
  }
  return fields.sort((a, b) => a.offset - b.offset);
}
