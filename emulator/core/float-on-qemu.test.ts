import assert from 'node:assert/strict';
import fc from 'fast-check';
import { binary32, binary64 } from '../float/format';
import { Flag } from '../float/rounding';
import { edgeIntegers, edgePatterns, patterns, relatedOperands } from '../float/patterns.test-support';
import type { Instruction } from '../isa/instruction';
import { instructions } from '../isa/table';
import type { Experiment } from './experiment.test-support';
import { compareWithQemu, DATA } from './experiment.test-support';
import { encodeFloat, operandCount, RD, RS1, RS2, RS3 } from './float-instructions.test-support';
import { hasQemu } from './qemu.test-support';

/** Dynamic, so that the mode is in fcsr; static modes are tried too. */
const DYNAMIC = 7;
/** A mode, and what has accrued: with NX results need not be known to be exact, which is another way through the interpreter. */
const CIRCUMSTANCES = [...[0, 1, 2, 3, 4].map((mode) => [mode, 0] as const), [0, Flag.NX] as const];
const BOX = 0xffff_ffff_0000_0000n;
const boxed = (bits: bigint): bigint => BOX | bits;

const singles = edgePatterns(binary32).map(boxed);
const doubles = edgePatterns(binary64);
/** Singles without a box, and with one that has a hole. */
const unboxed = [0x3f80_0000n, 0n, 0x7fff_ffff_3f80_0000n, 0xffff_fffe_3f80_0000n, (1n << 64n) - 1n];

const anySingle = fc.oneof(
  { arbitrary: patterns(binary32).map(boxed), weight: 15 },
  fc.constantFrom(...unboxed),
);
const anyInteger = fc.oneof(fc.constantFrom(...edgeIntegers), fc.bigInt(0n, (1n << 64n) - 1n));

interface Operands {
  readonly edges: readonly bigint[];
  readonly any: fc.Arbitrary<bigint>;
  /** Three that have to do with each other. */
  readonly related?: fc.Arbitrary<bigint[]>;
}

/** What an instruction takes its operands from: the part of the mnemonic that says so, or the extension. */
function operandsOf({ mnemonic, extension, encoding }: Instruction): Operands {
  if (encoding.fields.some(({ name }) => name === 'rs1')) return { edges: edgeIntegers, any: anyInteger };
  const single =
    /^(fcvt\.\w+|fmv\.x)\.[sw]$/.test(mnemonic) || (extension === 'f' && !mnemonic.startsWith('fcvt'));
  return single
    ? {
        edges: [...singles, ...unboxed],
        any: anySingle,
        related: relatedOperands(binary32).map((all) => all.map(boxed)),
      }
    : { edges: doubles, any: patterns(binary64), related: relatedOperands(binary64) };
}

const experiment = (
  instruction: Instruction,
  operands: readonly bigint[],
  mode: number,
  rm = DYNAMIC,
  accrued = 0,
): Experiment => {
  const [a = 0n, b = 0n, c = 0n] = operands;
  return {
    code: encodeFloat(instruction, rm),
    x: { a0: 0x1234n, a1: a },
    f: { [RD]: 0x1234n, [RS1]: a, [RS2]: b, [RS3]: c },
    fcsr: BigInt((mode << 5) | accrued),
  };
};

/** Every edge, every pair of them where two numbers become a third, else pairs or triples drawn from them. */
function edgeCombinations(
  { mnemonic }: Instruction,
  { edges }: Operands,
  operands: number,
  sample: () => bigint,
): bigint[][] {
  if (operands === 1) return edges.map((edge) => [edge]);
  if (/^f(add|mul|div)/.test(mnemonic)) return edges.flatMap((a) => edges.map((b) => [a, b]));
  return Array.from({ length: 500 * operands }, () => Array.from({ length: operands }, sample));
}

const isMemoryAccess = ({ operands }: Instruction): boolean => operands.endsWith('(rs1)');
const floating = instructions.filter(({ extension }) => extension === 'f' || extension === 'd');
const RANDOM = 300;

/** The instructions but loads and stores, in groups that make one program each. */
const kinds: Readonly<Record<string, RegExp>> = {
  'sums, products, quotients and roots': /^f(add|sub|mul|div|sqrt)/,
  'fused multiply-add': /^fn?m(add|sub)/,
  'comparisons and classes': /^f(min|max|eq|lt|le|class)/,
  conversions: /^fcvt/,
  'moves and signs': /^f(mv|sgnj)/,
};

/** An instruction with its edges, each combination in one mode in turn, and with random operands in all of them. */
function experimentsWith(instruction: Instruction): Experiment[] {
  const operands = operandsOf(instruction);
  const number = operandCount(instruction);
  const rounds = instruction.encoding.fields.some(({ name }) => name === 'rm');
  const circumstances = rounds ? CIRCUMSTANCES : CIRCUMSTANCES.slice(0, 1);
  const unrelated = fc.array(operands.any, { minLength: number, maxLength: number });
  const random = fc.sample(operands.related ? fc.oneof(unrelated, operands.related) : unrelated, {
    ...{ numRuns: RANDOM, seed: 754 },
  });
  const edges = fc.sample(fc.constantFrom(...operands.edges), { numRuns: 4500, seed: 754 });
  let next = 0;
  const all = [...edgeCombinations(instruction, operands, number, () => edges[next++]!), ...random];
  return all.flatMap((each, index) => {
    const everyMode = number === 1 || index >= all.length - RANDOM;
    const chosen = everyMode ? circumstances : [circumstances[index % circumstances.length]!];
    return chosen.map(([mode, accrued]) =>
      experiment(instruction, each, mode, rounds && index % 5 === 0 ? mode : DYNAMIC, accrued),
    );
  });
}

describe('floating point on QEMU and here', function () {
  this.timeout(300_000);
  before(function () {
    if (!hasQemu) this.skip(); // Needs qemu-system-riscv64.
  });

  for (const [kind, mnemonics] of Object.entries(kinds)) {
    for (const extension of ['f', 'd']) {
      it(`gives the same results and flags in all modes: ${kind} of ${extension}`, () => {
        const chosen = floating.filter(
          (each) => each.extension === extension && mnemonics.test(each.mnemonic),
        );
        assert.ok(chosen.length > 0);
        compareWithQemu(chosen.flatMap(experimentsWith), { ignore: ['mstatus'] });
      });
    }
  }

  it('tries every instruction', () => {
    const left = floating.filter(
      (each) => !isMemoryAccess(each) && !Object.values(kinds).some((kind) => kind.test(each.mnemonic)),
    );
    assert.deepEqual(left, []);
  });

  it('loads and stores, compressed ones too', () => {
    const memory = [0x1122_3344_5566_7788n, 0xffff_ffff_3f80_0000n, 0x7ff4_0000_0000_0001n];
    const base = { x: { a1: BigInt(DATA), sp: BigInt(DATA) }, memory };
    const codes = [
      ...[
        'flw fa0,4(a1)',
        'flw fa0,8(a1)',
        'fld fa0,8(a1)',
        'fld fa0,3(a1)',
        'fsw fa1,4(a1)',
        'fsd fa1,8(a1)',
      ],
      ...['fsd fa1,21(a1)', 'fsw fa1,-1(a1)'],
    ];
    const compressed = [0x2588, 0x2522, 0xa58c, 0xa42e].map(
      (bits) => new Uint8Array(Uint16Array.of(bits).buffer),
    );
    compareWithQemu(
      [...codes, ...compressed].map((code) => ({ code, ...base, f: { 10: 1n, 11: 0x8877_6655_4433_2211n } })),
    );
  });

  it('traps when the unit is off, and on reserved rounding modes', () => {
    const off = floating.map((instruction) => ({ ...experiment(instruction, [], 0, 0), mstatus: 0n }));
    const reserved = floating
      .filter(({ encoding }) => encoding.fields.some(({ name }) => name === 'rm'))
      .flatMap((instruction) =>
        [5, 6, 7].flatMap((mode) => [
          experiment(instruction, [], mode),
          experiment(instruction, [], 0, Math.min(mode, 6)),
        ]),
      );
    const csrs = ['frflags a0', 'fsrm a0', 'csrwi fcsr,1', 'csrrs a0,frm,zero'];
    compareWithQemu([...off, ...reserved, ...csrs.map((code) => ({ code, mstatus: 0n }))]);
  });

  it('has the same flags and modes in its CSRs, and becomes dirty', () => {
    const codes = [
      ...[
        'fscsr a0,a1',
        'fsflags a0,a1',
        'fsrm a0,a1',
        'csrrc a0,fcsr,a1',
        'csrrsi a0,frm,5',
        'frcsr a0',
        'frrm a0',
      ],
      ...['fmv.d.x fa0,a1', 'fld fa0,0(a2)', 'fadd.d fa0,fa0,fa0', 'fmv.x.d a0,fa0', 'fsd fa0,0(a2)'],
    ];
    const states = [1n, 2n, 3n].map((state) => state << 13n);
    compareWithQemu(
      codes.flatMap((code) =>
        states.map((mstatus) => ({
          ...{ code, mstatus, fcsr: 0x4bn },
          x: { a1: 0xffff_ffff_ffff_ff6dn, a2: BigInt(DATA) },
        })),
      ),
    );
  });
});
