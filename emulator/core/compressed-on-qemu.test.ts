import assert from 'node:assert/strict';
import { assemble } from '../isa/assemble';
import { extractFields, insertFields } from '../isa/encoding';
import type { Compressed } from '../isa/instruction';
import { registerNames } from '../isa/registers';
import { compressedInstructions } from '../isa/table';
import type { Experiment } from './experiment.test-support';
import { compareWithQemu, FREE } from './experiment.test-support';
import { edgeValues, randomValues } from './operands.test-support';
import { hasQemu } from './qemu.test-support';

const ILLEGAL = 2n;
const C_EBREAK = 0x9002;
const SEED = 0xc0de;
const ENCODINGS = 60;
const STORAGE = FREE + 0x1000;
const BREAKPOINTS = {
  address: FREE + 0x2_0000,
  data: new Uint8Array(Uint16Array.from(Array<number>(0x6000).fill(C_EBREAK)).buffer),
};
/** Compressed breakpoints before and behind a branch. */
const AROUND = 32;

const words = randomValues(ENCODINGS, SEED).map((value) => Number(value & 0xffffn));
const values = [...edgeValues, ...randomValues(40, SEED + 1)];
const registers = registerNames.slice(1);

/** Encodings with random fields, as far as they are legal. */
const encodings = ({ encoding }: Compressed): number[] =>
  words
    .map((word) => (word & ~encoding.mask) | encoding.match)
    .filter((bits) => extractFields(encoding, bits) !== undefined);

const halfwords = (...units: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from(units).buffer);

const arithmetic = (instruction: Compressed): Experiment[] =>
  encodings(instruction).map((bits, index) => ({
    code: halfwords(bits),
    x: Object.fromEntries(
      registers.map((name, number) => [name, values[(index * 7 + number * 3) % values.length]!]),
    ),
  }));

/** Every register is an address of its own, of data or of a breakpoint to jump to. */
const withAddresses =
  (start: number) =>
  (instruction: Compressed): Experiment[] =>
    encodings(instruction).map((bits, index) => ({
      code: halfwords(bits),
      x: Object.fromEntries(
        registers.map((name, number) => [name, BigInt(start + number * 0x400 + (index % 4) * 2)]),
      ),
      f: Object.fromEntries(registers.map((_, number) => [number + 1, values[number]!])),
    }));
const memory = withAddresses(STORAGE);
const jump = withAddresses(BREAKPOINTS.address);

/** Taken and not, to all distances among the breakpoints around it. */
const branch = ({ encoding }: Compressed): Experiment[] =>
  Array.from({ length: 2 * AROUND - 1 }, (_, index) => (index - AROUND + 1) * 2).flatMap((imm) => {
    const bits = insertFields(encoding, { imm, rs1: 8 + (Math.abs(imm / 2) % 8) })!;
    const entry = assemble(`jal zero,${4 + AROUND * 2}`)!;
    const breakpoints = Array<number>(AROUND).fill(C_EBREAK);
    const code = halfwords(entry & 0xffff, entry >>> 16, ...breakpoints, bits, ...breakpoints);
    const loops = imm === 0;
    return loops
      ? []
      : [0n, 1n << 40n].map((value) => ({
          code,
          x: Object.fromEntries(registers.slice(7, 15).map((name) => [name, value])),
        }));
  });

function experimentsOf(instruction: Compressed): Experiment[] {
  const { expansion } = instruction;
  if (/^(jal|beq|bne) /.test(expansion)) return branch(instruction);
  if (expansion.startsWith('jalr ')) return jump(instruction);
  return expansion.includes('(') ? memory(instruction) : arithmetic(instruction);
}

describe('compressed instructions', function () {
  this.timeout(120_000);

  it('do what they do on QEMU', function () {
    if (!hasQemu) this.skip(); // Needs qemu-system-riscv64.
    const all = compressedInstructions.map((instruction) => ({
      instruction,
      experiments: experimentsOf(instruction),
    }));
    const outcomes = compareWithQemu(
      all.flatMap(({ experiments }) => experiments),
      { segments: [BREAKPOINTS] },
    );
    let from = 0;
    for (const { instruction, experiments } of all) {
      assert.ok(experiments.length > 0, `${instruction.mnemonic} has no experiments`);
      for (const { cause } of outcomes.slice(from, (from += experiments.length))) {
        assert.notEqual(cause, ILLEGAL, `${instruction.mnemonic} was illegal`);
      }
    }
  });
});
