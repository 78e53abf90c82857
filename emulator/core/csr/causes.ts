import type { CsrField } from '../../api';
import { bit, field } from './definition';

/** Exception codes (priv 1.13 table 14). */
export const Exception = {
  instructionAddressMisaligned: 0,
  instructionAccessFault: 1,
  illegalInstruction: 2,
  breakpoint: 3,
  loadAddressMisaligned: 4,
  loadAccessFault: 5,
  storeAddressMisaligned: 6,
  storeAccessFault: 7,
  ecallFromUser: 8,
  ecallFromSupervisor: 9,
  ecallFromMachine: 11,
  instructionPageFault: 12,
  loadPageFault: 13,
  storePageFault: 15,
} as const;
export type Exception = (typeof Exception)[keyof typeof Exception];

/** Bit 63 of a cause. */
export const INTERRUPT_CAUSE = 1n << 63n;

const exceptionNames: Readonly<Record<number, string>> = {
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
  11: 'environment call from M-mode',
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store/AMO page fault',
};

const interruptNames: Readonly<Record<number, string>> = {
  1: 'supervisor software interrupt',
  3: 'machine software interrupt',
  5: 'supervisor timer interrupt',
  7: 'machine timer interrupt',
  9: 'supervisor external interrupt',
  11: 'machine external interrupt',
};

/** The manual's name for a value of scause or mcause; `undefined` where it is reserved. */
function causeName(cause: bigint): string | undefined {
  const names = cause & INTERRUPT_CAUSE ? interruptNames : exceptionNames;
  return names[Number(cause & ~INTERRUPT_CAUSE)];
}

export const causeFields: readonly CsrField[] = [
  bit('Interrupt', 63, 'The trap was an interrupt', { 0: 'exception', 1: 'interrupt' }),
  { ...field('Code', 62, 0, 'Which exception or interrupt'), describe: causeName },
];

/** One bit for each exception that can be delegated. An ecall from M-mode never leaves it. */
export const delegationFields: readonly CsrField[] = Object.entries(exceptionNames)
  .filter(([code]) => Number(code) !== Exception.ecallFromMachine)
  .map(([code, name]) => bit(`E${code}`, Number(code), `Delegate to S-mode: ${name}`));
