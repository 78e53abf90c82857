/** Registers by the names that people give them. */
import type { CsrDescription, Target, TargetHart } from '../target/target';

const s0 = 8;

/** Index of a register by its ABI name, its number (`x8`) or `fp`; `undefined` if it is no integer register. */
export function registerIndex(name: string, abiName: (index: number) => string): number | undefined {
  if (name === 'fp') return s0;
  const number = /^x(\d|[12]\d|3[01])$/.exec(name);
  if (number) return Number(number[1]);
  for (let index = 0; index < 32; index++) if (abiName(index) === name) return index;
  return undefined;
}

/** The CSR that a name means on this hart. */
export function csrNamed(name: string, hart: TargetHart, target: Target): CsrDescription | undefined {
  return target.csrs.find((csr) => csr.name === name && hart.getCsr(csr.address) !== undefined);
}
