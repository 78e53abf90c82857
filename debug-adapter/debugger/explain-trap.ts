/** What a trap is and means, for somebody who has stopped at it. */
import type { Trap } from '../target/target';
import { hex } from '../unwind/hex';
import { causeName, hasFaultAddress, isInterrupt } from '../unwind/trap-cause';
import type { Debuggee } from './api';
import { formatLocation, locate } from './location';
import { explainCause } from './trap-meaning';

/** A trap in one phrase and in a few lines: cause, epc, tval, from which privilege, what it means. */
export function describeTrapStop(
  trap: Trap,
  debuggee: Debuggee,
): { readonly title: string; readonly text: string } {
  const { cause, epc, tval, from, to } = trap;
  // What was fetched from a physical address can only have been interrupted before the MMU was on.
  const at = formatLocation(
    locate(debuggee, epc, { bare: turnsMmuOn(trap, debuggee) || from === 'machine' }),
  );
  const name = causeName(cause);
  const where = `at ${at} (epc ${hex(epc)}), from ${from} mode into ${to} mode`;
  if (turnsMmuOn(trap, debuggee)) {
    return {
      title: 'MMU on',
      text: `MMU on: ${name} ${where}. Not an error: the kernel has just written satp, and this fault takes it to its virtual addresses.`,
    };
  }
  const value = hasFaultAddress(cause) ? ` of ${hex(tval)}` : tval === 0n ? '' : ` (tval ${hex(tval)})`;
  const kind = isInterrupt(cause) ? 'Interrupt' : 'Exception';
  return {
    title: `${kind}: ${name}`,
    text: `${name}${value} ${where}. ${explainCause(cause)}`,
  };
}

/**
 * The fetch after `csrw satp` in `relocate_enable_mmu` faults on purpose (Linux 7.3 head.S): pc is still physical, and stvec
 * holds the virtual address of the next line.
 */
function turnsMmuOn({ cause, epc, tval, from }: Trap, { kernel }: Debuggee): boolean {
  const instructionPageFault = 12n;
  return (
    cause === instructionPageFault &&
    from !== 'user' &&
    epc === tval &&
    kernel.linkAddress(epc, true).physical
  );
}
