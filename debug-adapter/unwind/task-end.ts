/** What lies beyond a task's own pt_regs, where its walk ends (R7). */
import { isFromUser, type PtRegs } from './pt-regs';

export function describeTaskEnd(regs: PtRegs | undefined): string {
  if (!regs) return "the task's outermost record";
  if (!isFromUser(regs)) return 'kernel thread, never entered from user mode';
  // The boot hart's record lies in an init stack that nothing has written yet.
  if (regs.epc === 0n && regs.status === 0n) return 'start of the kernel, its pt_regs holds no registers';
  return 'entered from user mode';
}
