/** Who may do what with a mapped page (priv 1.13 §11.3.1, §3.1.6.3). */
import type { PageTableEntry } from './page-table-entry';

export type Access = 'load' | 'store' | 'fetch';
export const accesses: readonly Access[] = ['load', 'store', 'fetch'];

/** What rights depend on beside the entry. */
export interface RightsOf {
  readonly privilege: 'user' | 'supervisor';
  /** sstatus.SUM and MXR. */
  readonly sum: boolean;
  readonly mxr: boolean;
  /** menvcfg.ADUE: the hart sets A and D itself; else an access that needs it faults. */
  readonly adue: boolean;
}

/** `sets`: the bits that the access makes the hart set. */
export type Right =
  | { readonly allowed: true; readonly sets: '' | 'A' | 'D' | 'AD' }
  | { readonly allowed: false; readonly reason: string };

export function rightTo(access: Access, entry: PageTableEntry, of: RightsOf): Right {
  const denied = (reason: string): Right => ({ allowed: false, reason });
  if (of.privilege === 'user' && !entry.user) return denied('U is 0');
  if (of.privilege === 'supervisor' && entry.user) {
    if (access === 'fetch') return denied('U is 1: S-mode never executes user pages');
    if (!of.sum) return denied('U is 1 and sstatus.SUM is 0');
  }
  if (access === 'load' && !entry.read && !(entry.execute && of.mxr)) {
    return denied(entry.execute ? 'R is 0 and sstatus.MXR is 0' : 'R is 0');
  }
  if (access === 'store' && !entry.write) return denied('W is 0');
  if (access === 'fetch' && !entry.execute) return denied('X is 0');
  const sets = `${entry.accessed ? '' : 'A'}${access === 'store' && !entry.dirty ? 'D' : ''}` as const;
  if (sets !== '' && !of.adue) {
    return denied(`${sets === 'AD' ? 'A and D are' : `${sets} is`} 0 and menvcfg.ADUE is 0`);
  }
  return { allowed: true, sets };
}
