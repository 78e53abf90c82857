/** Why an access was a page fault, as the page tables tell it. */
import type { TargetHart, Trap } from '../target/target';
import type { Debuggee } from './api';
import { addressSpaceOf } from './paging/address-space';
import { rightTo, type Access } from './paging/page-rights';
import { walkPages } from './paging/page-walk';

const accesses: ReadonlyMap<bigint, Access> = new Map([
  [12n, 'fetch'],
  [13n, 'load'],
  [15n, 'store'],
]);

/** A sentence without its full stop; `undefined` for other causes, and where no tables are. For a trap that has just been taken. */
export function faultReason(
  { cause, tval, from }: Trap,
  hart: TargetHart,
  { target }: Debuggee,
): string | undefined {
  const access = accesses.get(cause);
  const space = addressSpaceOf(hart, target);
  const { mode } = space.satp;
  if (access === undefined || typeof mode === 'string' || from === 'machine') return undefined;
  const { levels, outcome } = walkPages(tval, space.tables(mode));
  if (outcome.kind === 'fault') {
    const level = levels.at(-1)?.level;
    return `The page tables${level === undefined ? '' : ` end at level ${level}`}: ${outcome.reason}`;
  }
  const right = rightTo(access, outcome.page.entry, { ...space.rights, privilege: from });
  return right.allowed
    ? `The page tables allow this ${access} now: the hart may have used an older entry`
    : `The page is mapped, but ${right.reason}`;
}
