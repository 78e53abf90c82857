/** ABI names of x0 to x31 (RISC-V psABI, "Integer Register Convention"). */
export const registerNames: readonly string[] = [
  ...['zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5'],
  ...['a6', 'a7', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6'],
];

/** ABI names of f0 to f31 (RISC-V psABI, "Floating-point Register Convention"). */
export const floatRegisterNames: readonly string[] = [
  ...['ft0', 'ft1', 'ft2', 'ft3', 'ft4', 'ft5', 'ft6', 'ft7', 'fs0', 'fs1', 'fa0', 'fa1', 'fa2', 'fa3'],
  ...['fa4', 'fa5', 'fa6', 'fa7', 'fs2', 'fs3', 'fs4', 'fs5', 'fs6', 'fs7', 'fs8', 'fs9', 'fs10', 'fs11'],
  ...['ft8', 'ft9', 'ft10', 'ft11'],
];

/** Number of a register by ABI name, `x` number or `fp`; `undefined` if it is none. */
export function registerNumber(name: string): number | undefined {
  return name === 'fp' ? 8 : find(registerNames, 'x', name);
}

/** Number of a float register by ABI name or `f` number; `undefined` if it is none. */
export function floatRegisterNumber(name: string): number | undefined {
  return find(floatRegisterNames, 'f', name);
}

function find(names: readonly string[], letter: string, name: string): number | undefined {
  const abi = names.indexOf(name);
  if (abi >= 0) return abi;
  const number = /^[xf](\d|[12]\d|3[01])$/.exec(name)?.[1];
  return number !== undefined && name.startsWith(letter) ? Number(number) : undefined;
}
