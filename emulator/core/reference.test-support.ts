/**
 * What each integer instruction computes, written with big integers straight from the manual's prose: an oracle for the
 * generated code. Values are unsigned 64-bit.
 */
type Operation = (a: bigint, b: bigint) => bigint;

const signed = (a: bigint): bigint => BigInt.asIntN(64, a);
const signed32 = (a: bigint): bigint => BigInt.asIntN(32, a);
const unsigned32 = (a: bigint): bigint => BigInt.asUintN(32, a);
const flag = (condition: boolean): bigint => (condition ? 1n : 0n);

const divide = (a: bigint, b: bigint): bigint => (b === 0n ? -1n : a / b);
const remainder = (a: bigint, b: bigint): bigint => (b === 0n ? a : a % b);
const word =
  (operation: Operation): Operation =>
  (a, b) =>
    signed32(operation(a, b));

const shifts: Readonly<Record<string, Operation>> = {
  sll: (a, b) => a << (b & 63n),
  srl: (a, b) => a >> (b & 63n),
  sra: (a, b) => signed(a) >> (b & 63n),
  sllw: word((a, b) => a << (b & 31n)),
  srlw: word((a, b) => unsigned32(a) >> (b & 31n)),
  sraw: word((a, b) => signed32(a) >> (b & 31n)),
};

const arithmetic: Readonly<Record<string, Operation>> = {
  add: (a, b) => a + b,
  slt: (a, b) => flag(signed(a) < signed(b)),
  sltu: (a, b) => flag(a < b),
  xor: (a, b) => a ^ b,
  or: (a, b) => a | b,
  and: (a, b) => a & b,
  addw: word((a, b) => a + b),
};

/** Register-register instructions by mnemonic. */
export const registerOperations: Readonly<Record<string, Operation>> = {
  ...arithmetic,
  ...shifts,
  sub: (a, b) => a - b,
  subw: word((a, b) => a - b),
  mul: (a, b) => a * b,
  mulh: (a, b) => (signed(a) * signed(b)) >> 64n,
  mulhsu: (a, b) => (signed(a) * b) >> 64n,
  mulhu: (a, b) => (a * b) >> 64n,
  div: (a, b) => divide(signed(a), signed(b)),
  divu: divide,
  rem: (a, b) => remainder(signed(a), signed(b)),
  remu: remainder,
  mulw: word((a, b) => a * b),
  divw: word((a, b) => divide(signed32(a), signed32(b))),
  divuw: word((a, b) => divide(unsigned32(a), unsigned32(b))),
  remw: word((a, b) => remainder(signed32(a), signed32(b))),
  remuw: word((a, b) => remainder(unsigned32(a), unsigned32(b))),
};

/** Those with a 12-bit signed immediate, and those with a shift amount. */
export const immediateOperations: Readonly<Record<string, Operation>> = {
  ...{
    addi: arithmetic['add']!,
    slti: arithmetic['slt']!,
    sltiu: arithmetic['sltu']!,
    xori: arithmetic['xor']!,
  },
  ...{ ori: arithmetic['or']!, andi: arithmetic['and']!, addiw: arithmetic['addw']! },
};
export const shiftOperations: Readonly<Record<string, { bits: 5 | 6; operation: Operation }>> = {
  slli: { bits: 6, operation: shifts['sll']! },
  srli: { bits: 6, operation: shifts['srl']! },
  srai: { bits: 6, operation: shifts['sra']! },
  slliw: { bits: 5, operation: shifts['sllw']! },
  srliw: { bits: 5, operation: shifts['srlw']! },
  sraiw: { bits: 5, operation: shifts['sraw']! },
};

export const branchConditions: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  beq: (a, b) => a === b,
  bne: (a, b) => a !== b,
  blt: (a, b) => signed(a) < signed(b),
  bge: (a, b) => signed(a) >= signed(b),
  bltu: (a, b) => a < b,
  bgeu: (a, b) => a >= b,
};

/** New memory contents from the old and rs2, on values sign-extended to the access's size. */
export const atomicOperations: Readonly<
  Record<string, (old: bigint, operand: bigint, bits: number) => bigint>
> = {
  amoswap: (_, b) => b,
  amoadd: (a, b) => a + b,
  amoxor: (a, b) => a ^ b,
  amoand: (a, b) => a & b,
  amoor: (a, b) => a | b,
  amomin: (a, b) => (a < b ? a : b),
  amomax: (a, b) => (a > b ? a : b),
  amominu: (a, b, bits) => (BigInt.asUintN(bits, a) < BigInt.asUintN(bits, b) ? a : b),
  amomaxu: (a, b, bits) => (BigInt.asUintN(bits, a) > BigInt.asUintN(bits, b) ? a : b),
};
