/**
 * R11 where pc is no kernel text: a call through a pointer that is NULL or stale has led there, if the instruction before ra goes to
 * this very pc with the registers as they are. Then nothing has been executed since: all registers are the caller's still, which is
 * where ra leads.
 */
import { failure } from './failure';
import { stackOfFrame } from './frame-stack';
import { hex } from './hex';
import { certainRegisters } from './walk-start';
import type { CallSite, Frame, KnownRegisters, WalkEnd, WalkInput } from './types';

const [zero, ra, sp, s0] = [0, 1, 2, 8];

/** The caller of a row whose pc is no kernel text, or the end of the walk there (R18), which says what ra is and why it does not lead on. */
export function callerOfWild(frame: Frame, input: WalkInput): Frame | WalkEnd {
  const { pc, fp } = frame;
  const { callsBefore, isKernelText, stacks } = input;
  const registers = certainRegisters(frame, input);
  const end = (why: string) => failure('R18', pc, `pc ${hex(pc)} is not in kernel text${why}`);
  const back = registers?.get(ra);
  if (!registers || !callsBefore || back === undefined) return end('');
  if (back === pc) return end('; ra is the same, as it is after a return to a wrong address');
  if (!isKernelText(back)) return end(`; ra is ${hex(back)}, which is no kernel text either`);
  const targets = callsBefore(back).map((call) => targetOf(call, registers));
  if (!targets.includes(pc)) return end(`; ra is ${hex(back)}, ${whyNot(targets)}`);
  const caller = registers.get(s0) ?? fp;
  return {
    pc: back,
    mark: 'L',
    isReturnAddress: true,
    stack: stackOfFrame(stacks, { sp: registers.get(sp), fp: caller }),
    origin: { kind: 'register', name: 'ra' },
    fp: caller,
    registers: { get: (index) => (index === ra ? undefined : registers.get(index)) },
    rule: 'R11',
    reason: `the call before ${hex(back)} led to ${hex(pc)}, which is not in kernel text: nothing has been executed there, and ra and s0 are as they were`,
  };
}

/** `jalr` clears bit 0 (unpriv §2.5.1). */
function targetOf(call: CallSite, registers: KnownRegisters): bigint | undefined {
  if (call.kind === 'direct') return call.target;
  const base = valueAtCall(call.register, registers);
  return base === undefined ? undefined : BigInt.asUintN(64, base + call.offset) & ~1n;
}

/** The call has put its return address into ra: what was there is lost. */
function valueAtCall(register: number, registers: KnownRegisters): bigint | undefined {
  if (register === zero) return 0n;
  return register === ra ? undefined : registers.get(register);
}

function whyNot(targets: readonly (bigint | undefined)[]): string {
  if (targets.length === 0) return 'and no call is right before that';
  const [other] = targets.filter((target) => target !== undefined);
  return other === undefined
    ? 'and where the call right before that went is not known'
    : `but the call right before that leads to ${hex(other)} by the registers as they are: it was an earlier one`;
}
