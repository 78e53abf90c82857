/** Traps that nobody handles: checked as they arrive, before the handler's first instruction. Each answers with a sentence, or `undefined`. */
import type { TargetHart, Trap } from '../target/target';
import { hex } from '../unwind/hex';
import type { Debuggee } from './api';
import { instructionAt } from './code';
import { formatLocation, locate } from './location';

/** stvec or mtvec leads where nothing can be executed: mostly it was never written. */
export function noHandler(_debuggee: Debuggee, hart: TargetHart, { to }: Trap): string | undefined {
  if (hart.pc !== 0n && hart.readMemory(hart.pc, 2).length === 2) return undefined;
  const register = to === 'machine' ? 'mtvec' : 'stvec';
  return `Nobody handles this trap: ${register} leads to ${hex(hart.pc)}, where there is no memory.`;
}

/** The handler's first instruction has trapped: the hart will take this trap for ever. */
export function trapLoop(debuggee: Debuggee, hart: TargetHart, { epc, from }: Trap): string | undefined {
  if (epc !== hart.pc || from === 'user') return undefined;
  const where = formatLocation(locate(debuggee, hart.pc, { bare: hart.bare }));
  return `The hart traps for ever: the first instruction of the trap handler, ${where}, has itself trapped.`;
}

/** The handler parks the hart for ever: `wfi` and a jump back (`.Lsecondary_park`, Linux 7.3 head.S). */
export function parked(debuggee: Debuggee, hart: TargetHart): string | undefined {
  const first = instructionAt(debuggee, hart, hart.pc);
  const next = first && instructionAt(debuggee, hart, hart.pc + BigInt(first.length));
  if (first?.text !== 'wfi' || next?.flow !== 'jump' || next.target !== hart.pc) return undefined;
  const where = formatLocation(locate(debuggee, hart.pc, { bare: hart.bare }));
  return `The hart is parked at ${where} for ever: the trap came before the kernel had a handler.`;
}
