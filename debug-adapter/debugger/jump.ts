/** Moving a hart's pc within the function that it is in, and what is to be known of the place. */
import type { TargetHart } from '../target/target';
import { hex } from '../unwind/hex';
import type { CallFrameRow, ProgramSymbol } from '../symbols/api';
import type { Debuggee } from './api';
import { functionAt } from './code';
import { formatLocation, locate } from './location';

type Jump =
  | {
      readonly ok: true;
      /** What the pc becomes. */
      readonly pc: bigint;
      /** What the user has to know: registers and the stack do not follow. */
      readonly warning: string;
    }
  /** A sentence that says why not. */
  | { readonly ok: false; readonly reason: string };

/** Whether a hart's pc may be moved to code at a link-time address. Changes nothing. */
export function planJump(debuggee: Debuggee, hart: TargetHart, link: bigint): Jump {
  const here = functionAt(debuggee, hart.pc, hart.bare);
  const there = debuggee.program.symbols.at(link);
  if (!here)
    return { ok: false, reason: `Nothing is known of the code at ${hex(hart.pc)}, so pc stays there.` };
  if (!there || !isSame(here, there)) {
    const where = there ? `in ${there.name}` : 'in no function';
    return {
      ok: false,
      reason: `pc can only be moved within ${here.name}, and ${hex(link)} is ${where}: its caller and its stack would be another's. Edit pc in the Variables view if that is meant.`,
    };
  }
  const pc = debuggee.kernel.runAddresses(link).at(hart.bare ? -1 : 0) ?? link;
  const from = formatLocation(locate(debuggee, hart.pc, { bare: hart.bare }));
  const to = formatLocation(locate(debuggee, pc, { bare: hart.bare }));
  const frame = sameFrame(debuggee, debuggee.kernel.linkAddress(hart.pc, hart.bare).address, link)
    ? ''
    : ' The stack frame is laid out differently there (a prologue or epilogue lies between): sp and saved registers are likely wrong.';
  return {
    ok: true,
    pc,
    warning: `pc was moved from ${from} to ${to}; registers and memory are as they were.${frame}`,
  };
}

function isSame(a: ProgramSymbol, b: ProgramSymbol): boolean {
  return a.name === b.name && a.address === b.address;
}

/** Call frame information has the same rules at both places; true where there is none to tell. */
function sameFrame({ program }: Debuggee, a: bigint, b: bigint): boolean {
  const [from, to] = [program.callFrames?.at(a), program.callFrames?.at(b)];
  return !from || !to || rulesOf(from) === rulesOf(to);
}

function rulesOf({ cfa, rules }: CallFrameRow): string {
  return JSON.stringify([cfa, [...rules]], (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}
