/** What a trap means to somebody who debugs a kernel, one sentence for each cause (priv 1.13 §4.1.8). */
import { isInterrupt } from '../unwind/trap-cause';

const exceptions: Readonly<Record<number, string>> = {
  0: 'A jump or taken branch led to an address that is not a multiple of 2.',
  1: 'Instructions were fetched from a physical address where there is no memory to execute.',
  2: 'The instruction does not exist, is not allowed at this privilege, or uses a unit that is switched off.',
  3: 'An ebreak instruction was executed, as BUG() and WARN() do.',
  4: 'A load or LR was misaligned where that is not supported.',
  5: 'A load read a physical address where there is no memory or device.',
  6: 'A store or AMO was misaligned where that is not supported.',
  7: 'A store or AMO wrote a physical address where there is no memory or device.',
  8: 'User mode made a system call; a7 is its number.',
  9: 'The kernel called the firmware (SBI); a7 is the extension, a6 the function.',
  11: 'M-mode executed an ecall.',
  12: 'The page that holds the instruction is not mapped, not executable, or not accessible from this mode.',
  13: 'The page to be read is not mapped, not readable, or not accessible from this mode (a user page without SUM).',
  15: 'The page to be written is not mapped, is read-only, or is not accessible from this mode (a user page without SUM).',
};

const interrupts: Readonly<Record<number, string>> = {
  1: 'Another hart, or this one, raised a software interrupt: an IPI.',
  3: 'The CLINT raised a software interrupt: an IPI between harts.',
  5: 'The timer has reached stimecmp, or the firmware forwards its timer.',
  7: 'The timer has reached mtimecmp.',
  9: 'The PLIC has a device interrupt for S-mode.',
  11: 'The PLIC has a device interrupt for M-mode.',
};

export function explainCause(cause: bigint): string {
  const table = isInterrupt(cause) ? interrupts : exceptions;
  return table[Number(cause & 63n)] ?? 'The privileged manual gives this cause no meaning in this machine.';
}
