/** Where traps go (priv 1.13 §3.1.7, §3.1.8). */
import type { Privilege, TargetHart } from '../target/target';

const stvec = 0x105;
const mtvec = 0x305;
const medeleg = 0x302;

const modeBits = 3n;

/** The handler of exceptions that come to a privilege, as a pc holds its address; 0n for none. */
export function trapVector(hart: TargetHart, privilege: Privilege): bigint {
  return (hart.getCsr(privilege === 'machine' ? mtvec : stvec) ?? 0n) & ~modeBits;
}

/** Handlers of exceptions that a hart can come to from where it is. */
export function trapVectors(hart: TargetHart): readonly bigint[] {
  const machine = trapVector(hart, 'machine');
  const all = hart.privilege === 'machine' ? [machine] : [trapVector(hart, 'supervisor'), machine];
  return all.filter((vector) => vector !== 0n);
}

/** That of an exception that the hart takes where it is; 0n for none. */
export function exceptionVector(hart: TargetHart, cause: number): bigint {
  const delegated = ((hart.getCsr(medeleg) ?? 0n) >> BigInt(cause)) & 1n;
  return trapVector(hart, hart.privilege === 'machine' || delegated === 0n ? 'machine' : 'supervisor');
}
