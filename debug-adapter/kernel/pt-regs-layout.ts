/** `struct pt_regs` from debug information (arch/riscv/include/asm/ptrace.h, Linux 7.3 and the metadata series). */
import type { StructLayout, TypeReader } from '../symbols/api';
import { constantPtRegsLayout } from '../unwind/pt-regs';
import { metadataSize } from '../unwind/frame-record';
import type { PtRegsLayout } from '../unwind/types';

/** Member names of x1 to x31. */
const members = (
  'ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 ' + 's2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'
).split(' ');

/** From DWARF, or the constants of Linux 7.3 where the program does not describe a usable `struct pt_regs`. */
export function ptRegsLayout(types: TypeReader): PtRegsLayout {
  const struct = types.struct('pt_regs');
  return (struct && fromStruct(struct)) ?? constantPtRegsLayout;
}

/** What is larger is damaged: it is read as a whole, from a stack of four pages. */
const maxSize = 4096;

function fromStruct(struct: StructLayout): PtRegsLayout | undefined {
  if (struct.size > maxSize) return undefined;
  /** `a_regs.a0` too: Linux groups the argument registers. */
  const offset = (name: string, size = 8) => {
    const member =
      struct.members.get(name) ?? [...struct.members].find(([path]) => path.endsWith(`.${name}`))?.[1];
    return member && member.offset + size <= struct.size ? member.offset : undefined;
  };
  const x = members.map((name) => offset(name));
  const epc = offset('epc');
  const status = offset('status');
  const badaddr = offset('badaddr');
  const cause = offset('cause');
  if (epc === undefined || status === undefined || badaddr === undefined || cause === undefined)
    return undefined;
  if (!x.every((value) => value !== undefined)) return undefined;
  const origA0 = offset('orig_a0');
  const stackframe = offset('stackframe', metadataSize);
  return {
    size: struct.size,
    epc,
    x: [0, ...x],
    status,
    badaddr,
    cause,
    ...(origA0 !== undefined && { origA0 }),
    ...(stackframe !== undefined && { stackframe }),
    source: 'dwarf',
  };
}
