/** ABI names of x0 to x31 (RISC-V psABI, "Integer Register Convention"). */
export const registerNames: readonly string[] = [
  ...['zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5'],
  ...['a6', 'a7', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6'],
];

/** Number of a register by ABI name, `x` number or `fp`; `undefined` if it is none. */
export function registerNumber(name: string): number | undefined {
  if (name === 'fp') return 8;
  const abi = registerNames.indexOf(name);
  if (abi >= 0) return abi;
  const number = /^x(\d|[12]\d|3[01])$/.exec(name)?.[1];
  return number === undefined ? undefined : Number(number);
}
