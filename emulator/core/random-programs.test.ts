import { decode } from '../isa/decode';
import { insertFields } from '../isa/encoding';
import { implementedExtensions } from '../isa/extensions';
import { registerNames } from '../isa/registers';
import { compressedInstructions, instructions } from '../isa/table';
import { xorshift } from '../xorshift.test-support';
import type { Experiment } from './experiment.test-support';
import { compareWithQemu, FREE } from './experiment.test-support';
import { hasQemu } from './qemu.test-support';

const BLOCKS = 250;
const BLOCK_INSTRUCTIONS = 40;

/** Registers that programs leave alone: pointers into the data for loads and stores, and for atomics. */
const SP = 2;
const ATOMIC_POINTER = 26;
const DATA_POINTER = 27;
const reserved = [SP, ATOMIC_POINTER, DATA_POINTER];
const DATA = BigInt(FREE + 2048);

const isStraightLine = (mnemonic: string): boolean =>
  !/^(jal|jalr|b..u?|csr.*|rdtime|ecall|ebreak|[ms]ret|wfi|sfence\.vma|fence\.i|lr\..|sc\..|auipc)$/.test(
    mnemonic,
  );
const isMemoryAccess = (operands: string): boolean => operands.endsWith('(rs1)');
const candidates = instructions.filter(
  ({ mnemonic, extension }) => isStraightLine(mnemonic) && implementedExtensions.has(extension),
);

/** A random instruction that neither leaves the program nor loses its pointers. */
function randomInstruction(next: () => number): Uint8Array {
  for (;;) {
    const bits = next() & 1 ? randomWord(next) : randomHalfword(next);
    const decoded = bits === undefined ? undefined : decode(bits, implementedExtensions);
    if (!decoded || !isStraightLine(decoded.instruction.mnemonic)) continue;
    const { rd = 0, rs1 = 0, rm = 0 } = decoded.fields;
    if (rm === 5 || rm === 6) continue; // Reserved, and so illegal.
    if (reserved.includes(rd)) continue;
    if (isMemoryAccess(decoded.instruction.operands) && !reserved.includes(rs1)) continue;
    return new Uint8Array(Uint32Array.of(bits!).buffer).subarray(0, decoded.length);
  }
}

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

function randomBlock(next: () => number): Experiment {
  const values = registerNames.slice(1).map((name) => [name, BigInt(next()) << BigInt(next() % 33)] as const);
  const pointers = reserved.map((index) => [registerNames[index]!, DATA] as const);
  const floats = registerNames.map((_, index) => [index, (BigInt(next()) << 32n) | BigInt(next())] as const);
  const code = Array.from({ length: BLOCK_INSTRUCTIONS }, () => randomInstruction(next));
  return {
    code: Buffer.concat(code),
    x: Object.fromEntries([...values, ...pointers]),
    f: Object.fromEntries(floats),
  };
}

describe('random programs', function () {
  before(function () {
    if (!hasQemu) this.skip(); // Needs qemu-system-riscv64.
  });

  for (const seed of [1, 0x1234_5678]) {
    it(`leave the same registers and memory as on QEMU after each of ${BLOCKS} blocks, seed ${seed}`, () => {
      const next = xorshift(seed);
      compareWithQemu(Array.from({ length: BLOCKS }, () => randomBlock(next)));
    });
  }
});
