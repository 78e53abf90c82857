import { decode } from '../isa/decode';
import { insertFields } from '../isa/encoding';
import { implementedExtensions } from '../isa/extensions';
import { compressedInstructions, instructions } from '../isa/table';

/** Registers that random instructions leave alone: pointers for loads and stores, and for atomics. */
export const SP = 2;
const ATOMIC_POINTER = 26;
const DATA_POINTER = 27;
export const pointers = [SP, ATOMIC_POINTER, DATA_POINTER] as const;

const isStraightLine = (mnemonic: string): boolean =>
  !/^(jal|jalr|b..u?|csr.*|rdtime|ecall|ebreak|[ms]ret|wfi|sfence\.vma|fence\.i|lr\..|sc\..|auipc)$/.test(
    mnemonic,
  );
const isMemoryAccess = (operands: string): boolean => operands.endsWith('(rs1)');
const candidates = instructions.filter(
  ({ mnemonic, extension }) => isStraightLine(mnemonic) && implementedExtensions.has(extension),
);

/** A random instruction, 2 or 4 bytes, that neither leaves the program nor writes to the pointers or to `others`. */
export function randomInstruction(next: () => number, others: readonly number[] = []): Uint8Array {
  for (;;) {
    const bits = next() & 1 ? randomWord(next) : randomHalfword(next);
    const decoded = bits === undefined ? undefined : decode(bits, implementedExtensions);
    if (!decoded || !isStraightLine(decoded.instruction.mnemonic)) continue;
    const { rd = 0, rs1 = 0, rm = 0 } = decoded.fields;
    if (rm === 5 || rm === 6) continue; // Reserved, and so illegal.
    if (isPointer(rd) || others.includes(rd)) continue;
    if (isMemoryAccess(decoded.instruction.operands) && !isPointer(rs1)) continue;
    return new Uint8Array(Uint32Array.of(bits!).buffer).subarray(0, decoded.length);
  }
}

const isPointer = (register: number): boolean => (pointers as readonly number[]).includes(register);

function randomWord(next: () => number): number | undefined {
  const { encoding, operands, mnemonic } = candidates[next() % candidates.length]!;
  const bits = ((next() & ~encoding.mask) | encoding.match) >>> 0;
  const decoded = decode(bits);
  if (!decoded || !isMemoryAccess(operands)) return bits;
  const rs1 = mnemonic.startsWith('amo') ? ATOMIC_POINTER : DATA_POINTER;
  return insertFields(encoding, { ...decoded.fields, rs1 });
}

function randomHalfword(next: () => number): number {
  const { encoding } = compressedInstructions[next() % compressedInstructions.length]!;
  return ((next() & 0xffff & ~encoding.mask) | encoding.match) >>> 0;
}
