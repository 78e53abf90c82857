import { Privilege } from '../api';
import { assemble } from '../isa/assemble';
import type { Instruction } from '../isa/instruction';
import { FS_DIRTY } from './harness.test-support';
import type { Experiment } from './experiment.test-support';
import { DATA, DATA_WORDS } from './experiment.test-support';
import { edgeValues, operandPairs, randomValues } from './operands.test-support';

/** Experiments that show what an instruction does, chosen by its name or by how its operands are written. */
export function experimentsOf({ mnemonic, operands }: Instruction): readonly Experiment[] {
  return (special[mnemonic] ?? byOperands[operands])?.(mnemonic) ?? [];
}

type Make = (mnemonic: string) => readonly Experiment[];

const SEED = 0x5eed;
const base = BigInt(DATA);
const pairs = operandPairs(60, SEED);
const fewPairs = pairs.filter((_, index) => index % 29 === 0);
const values = [...edgeValues, ...randomValues(30, SEED)];
const memory = randomValues(DATA_WORDS, SEED + 1);
const immediates = [0, 1, 2, 7, 8, 31, 32, 63, 255, 1023, 2046, 2047, -1, -2, -31, -256, -2047, -2048];

const product = <A, B>(some: readonly A[], others: readonly B[]): (readonly [A, B])[] =>
  some.flatMap((a) => others.map((b) => [a, b] as const));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const result: Make = (mnemonic) => [
  ...pairs.map(([a1, a2]) => ({ code: `${mnemonic} a0,a1,a2`, x: { a1, a2 } })),
  // The destination is an operand or x0, an operand is x0, both are the same.
  ...product(['a1,a1,a2', 'a2,a1,a2', 'a1,a1,a1', 'zero,a1,a2', 'a0,zero,a2', 'a0,a1,zero'], fewPairs).map(
    ([operands, [a1, a2]]) => ({ code: `${mnemonic} ${operands}`, x: { a1, a2 } }),
  ),
];

const resultOfOne: Make = (mnemonic) =>
  product(['a0,a1', 'a1,a1', 'zero,a1', 'a0,zero'], values).map(([operands, a1]) => ({
    code: `${mnemonic} ${operands}`,
    x: { a1 },
  }));

const resultOfImmediate: Make = (mnemonic) =>
  [...product(['a0,a1'], immediates), ...product(['a1,a1', 'zero,a1', 'a0,zero'], [1, 30])]
    .map(([operands, value]) => `${mnemonic} ${operands},${value}`)
    // Shift amounts are smaller.
    .filter((text) => assemble(text) !== undefined)
    .flatMap((code) => values.map((a1) => ({ code, x: { a1 } })));

const upper: Make = (mnemonic) =>
  product(['a0', 'zero'], [0, 1, 2, 0x7_ffff, 0x8_0000, 0xf_ffff, 0xa_5a5a]).map(([rd, value]) => ({
    code: `nop\n${mnemonic} ${rd},${value}`,
  }));

/** Every distance from a boundary, with offsets of both signs, in and out of alignment. */
const access = (code: (offset: number) => string): Experiment[] =>
  product(upTo(72), [0x8182_8384_8586_8788n, 1n]).map(([distance, a2]) => {
    const offset = distance % 3 === 0 ? -distance : distance;
    return { code: code(offset), memory, x: { a1: base + 88n, a2 } };
  });
const load: Make = (mnemonic) => access((offset) => `${mnemonic} a0,${offset}(a1)`);
const store: Make = (mnemonic) => access((offset) => `${mnemonic} a2,${offset}(a1)`);

/** Not misaligned: QEMU takes that for a load. */
const atomic: Make = (mnemonic) => [
  ...pairs.map(([old, a2]) => ({ code: `${mnemonic} a0,a2,(a1)`, memory: [old], x: { a1: base, a2 } })),
  ...product(['.aq', '.rl', '.aqrl'], fewPairs).map(([order, [old, a2]]) => ({
    code: `${mnemonic}${order} a0,a2,(a1)`,
    memory: [0n, old],
    x: { a1: base + 8n, a2 },
  })),
  ...product(['a1,a1,(a1)', 'zero,a2,(a1)', 'a1,a2,(a1)', 'a2,a2,(a1)'], fewPairs).map(
    ([operands, [old, a2]]) => ({ code: `${mnemonic} ${operands}`, memory: [old], x: { a1: base, a2 } }),
  ),
];

const size = (mnemonic: string): string => mnemonic.slice(-2);
/** Reservations that hold, and some that are elsewhere, of another size, used up or missing. */
const reservation: Make = (mnemonic) => {
  const [lr, sc] = [`lr${size(mnemonic)}`, `sc${size(mnemonic)}`];
  const other = size(mnemonic) === '.w' ? 'd' : 'w';
  const codes = [
    `${lr} a0,(a1)\n${sc} a3,a2,(a1)`,
    `${lr}.aq a0,(a1)\n${sc}.rl a3,a2,(a1)`,
    `${lr} a0,(a1)\n${sc} a3,a2,(a1)\n${sc} a4,a0,(a1)`,
    `${lr} a0,(a1)\naddi a1,a1,64\n${sc} a3,a2,(a1)`,
    `sc.${other} a3,a2,(a1)\n${sc} a3,a2,(a1)`,
    `${lr} zero,(a1)\n${sc} zero,a2,(a1)\nmv a0,a1`,
    `${lr} a1,(a1)`,
    `${lr} a0,(a1)\naddi a0,a0,1\n${sc} a0,a0,(a1)`,
  ];
  return [
    ...product(codes, values).map(([code, a2]) => ({ code, memory: [a2 ^ 5n, a2], x: { a1: base, a2 } })),
    // QEMU sees that sc is misaligned only if there is a reservation, so that is not compared.
    ...upTo(8).map((offset) => ({
      code: codes[0]!,
      memory,
      x: { a1: base + BigInt(offset), a2: 7n },
    })),
  ];
};

/** Where the trap at the end comes from tells whether it branched. */
const branch: Make = (mnemonic) =>
  [...product(['a1,a2'], pairs), ...product(['a1,zero', 'zero,a2', 'a1,a1', 'zero,zero'], fewPairs)].map(
    ([operands, [a1, a2]], index) => ({
      code: `
      j start
      back:
      ebreak
      start:
      ${mnemonic} ${operands},${index % 2 === 0 ? 'forth' : 'back'}
      ebreak
      forth:
      nop`,
      x: { a1, a2 },
    }),
  );

const jump: Make = (mnemonic) =>
  ['a0', 'zero', 'ra', 't0'].flatMap((rd) =>
    ['forth', 'back'].map((target) => ({
      code: `j start\nback:\nebreak\nstart:\n${mnemonic} ${rd},${target}\nebreak\nforth:\nnop`,
    })),
  );
const jumpToRegister: Make = (mnemonic) =>
  product(['a0', 'zero', 'ra', 'a1'], [0, 1, 2, 3, 4, -4, 2047, -2048]).map(([rd, offset]) => ({
    // `ebreak` everywhere, as whole and as compressed instructions.
    memory: Array<bigint>(DATA_WORDS).fill(0x0010_0073_9002_9002n),
    code: `${mnemonic} ${rd},${offset}(a1)`,
    x: { a1: base + 128n - BigInt(offset & -8) },
  }));

const csr =
  (sources: readonly string[]): Make =>
  (mnemonic) =>
    product(product(['sscratch', 'stval', 'sie', 'scause'], ['a0', 'zero', 'a1']), sources).flatMap(
      ([[name, rd], source]) =>
        edgeValues.map((a1) => ({
          code: `csrw ${name},a2\n${mnemonic} ${rd},${name},${source}\ncsrr a3,${name}`,
          x: { a1, a2: 0x1234_5678_9abc_def1n },
        })),
    );

/** With flags and modes of all kinds, also while the unit is off. */
const floatCsr =
  (...operands: readonly string[]): Make =>
  (mnemonic) =>
    product(product(operands, [FS_DIRTY, 1n << 13n, 0n]), [0n, 0xffn, 0x4bn, 0xa1n]).flatMap(
      ([[operand, mstatus], fcsr]) =>
        [0n, 0x1fn, 0xe5n, -1n].map((a1) => ({
          code: `${mnemonic} ${operand}`,
          ...{ mstatus, fcsr, x: { a0: 0x55n, a1 } },
        })),
    );

const privileges = [Privilege.machine, Privilege.supervisor, Privilege.user];
const everywhere = (...codes: readonly string[]): Experiment[] =>
  product(privileges, codes).map(([privilege, code]) => ({ code, privilege }));
const alone: Make = (mnemonic) =>
  [0n, 1n << 20n].flatMap((mstatus) =>
    everywhere(mnemonic).map((experiment) => ({ ...experiment, mstatus })),
  );

/** mstatus.TVM traps it in S-mode. */
const virtualMemoryFence: Make = (mnemonic) =>
  [0n, 1n << 20n].flatMap((mstatus) =>
    everywhere(`${mnemonic} zero,zero`, `${mnemonic} a1,a2`, `${mnemonic} a1,zero`).map((experiment) => ({
      ...experiment,
      mstatus,
    })),
  );

/** QEMU does not trap it in U-mode, where it is illegal (priv 1.13 §11.4). */
const supervisorFence: Make = (mnemonic) =>
  alone(mnemonic).filter(({ privilege }) => privilege !== Privilege.user);

/** With what menvcfg and senvcfg allow, in all modes, on blocks that begin before the address. */
const environments = [0n, 0x10n, 0x30n, 0x40n, 0x80n, 0xf0n];
const cacheBlock: Make = (mnemonic) =>
  product(product(environments, environments), product(privileges, [0n, 1n, 63n])).map(
    ([[a2, a3], [privilege, offset]]) => ({
      code: `
        csrw menvcfg,a2
        csrw senvcfg,a3
        csrw mstatus,a4
        la t0,there
        csrw mepc,t0
        mret
        there:
        ${mnemonic} (a1)`,
      memory,
      x: { a1: base + 64n + offset, a2, a3, a4: BigInt(privilege) << 11n },
    }),
  );

const returning =
  (pc: string, previous: readonly string[]): Make =>
  (mnemonic) => [
    ...everywhere(mnemonic),
    ...previous.map((bits) => ({
      code: `
        la t0,there
        csrw ${pc},t0
        li t1,${bits}
        csrw mstatus,t1
        ${mnemonic}
        ebreak
        there:
        mv a0,t0`,
    })),
  ];

const byOperands: Readonly<Record<string, Make>> = {
  'rd,rs1,rs2': result,
  'rd,rs1': resultOfOne,
  'rd,rs1,imm': resultOfImmediate,
  'rd,rs1,hex': resultOfImmediate,
  'rd,upper': upper,
  'rd,target': jump,
  'rs1,rs2,target': branch,
  'rd,imm(rs1)': load,
  'rs2,imm(rs1)': store,
  'rd,rs2,(rs1)': atomic,
  'rd,(rs1)': reservation,
  '(rs1)': cacheBlock,
  'rd,csr,rs1': csr(['a1', 'zero']),
  'rd,csr,zimm': csr(['0', '1', '31']),
  'imm(rs1)': (mnemonic) => everywhere(`${mnemonic} 64(a1)`, `${mnemonic} -2048(sp)`),
  'pred,succ': (mnemonic) => everywhere(`${mnemonic} rw,rw`, `${mnemonic} iorw,iorw`, `${mnemonic} r,w`),
  '': alone,
};

const special: Readonly<Record<string, Make>> = {
  jalr: jumpToRegister,
  'sc.w': reservation,
  'sc.d': reservation,
  mret: returning('mepc', ['0', '0x800', '0x1800', '0x1880', '0x21880', '0x20800']),
  sret: returning('sepc', ['0x1800', '0x1900', '0x1920', '0x1820', '0x21900']),
  'fence.i': () => [
    {
      // Calls what it then overwrites.
      code: 'jalr ra,0(a1)\nsw a2,0(a1)\nfence.i\njalr ra,0(a1)',
      x: { a1: base, a2: BigInt(assemble('addi a0,a0,64')!) },
      memory: [BigInt(assemble('addi a0,a0,1')!) | (BigInt(assemble('ret')!) << 32n)],
    },
  ],
  // What it reads is no two machines' matter, but that time passes.
  rdtime: () => [
    { code: 'rdtime a0\nrdtime a1\nsltu a2,a1,a0\nmv a0,zero\nmv a1,zero' },
    { code: 'rdtime zero' },
  ],
  // It waits, unless an enabled interrupt is pending, taken or not; or traps.
  'sfence.w.inval': supervisorFence,
  'sfence.inval.ir': supervisorFence,
  'sinval.vma': virtualMemoryFence,
  'sfence.vma': virtualMemoryFence,
  frflags: floatCsr('a0', 'zero'),
  frrm: floatCsr('a0', 'zero'),
  frcsr: floatCsr('a0', 'zero'),
  fsflags: floatCsr('a0,a1', 'zero,a1', 'a1,a1', 'a0,zero'),
  fsrm: floatCsr('a0,a1', 'zero,a1', 'a1,a1', 'a0,zero'),
  fscsr: floatCsr('a0,a1', 'zero,a1', 'a1,a1', 'a0,zero'),
  fsflagsi: floatCsr('a0,0', 'a0,31', 'zero,1'),
  fsrmi: floatCsr('a0,0', 'a0,7', 'zero,4', 'a0,31'),
  wfi: (mnemonic) => [
    { code: `li a0,2\ncsrs mie,a0\ncsrs mip,a0\n${mnemonic}\ncsrc mip,a0\ncsrc mie,a0` },
    { code: mnemonic, privilege: Privilege.user },
    { code: mnemonic, privilege: Privilege.supervisor, mstatus: 1n << 21n },
  ],
};
