import { randomInstruction } from './core/random-instructions.test-support';

/** What a piece of a random program can refer to. */
export interface Places {
  /** Labels. */
  readonly pieces: readonly string[];
  readonly functions: readonly string[];
  /** Address of the table of jump targets, and the bits of an index into it, in bytes. */
  readonly table: number;
  readonly tableMask: number;
  /** Address of instructions, eight bytes each, to write over others. */
  readonly patches: number;
  /** Address of the page table of the window, whose second 16 pages are data. */
  readonly leaves: number;
  readonly window: number;
}

/** s3 gives a program its random numbers, s8 is the handler's, s9 the hart's own pointer. */
const taken = [19, 24, 25];

/** Names for labels: those of the whole piece, and of a part of it. */
interface Labels {
  readonly piece: string;
  readonly part: string;
}

type Next = () => number;
const register = (next: Next): string => `a${next() % 6}`;
const oneOf = <T>(next: Next, choices: readonly T[]): T => choices[next() % choices.length]!;

/** Random instructions of 2 and 4 bytes, filled up to doublewords. */
function straightLine(next: Next): string {
  const bytes: number[] = [];
  for (let count = 1 + (next() % 10); count > 0; count--) bytes.push(...randomInstruction(next, taken));
  while (bytes.length % 8 !== 0) bytes.push(1, 0); // c.nop
  const words = new BigUint64Array(Uint8Array.from(bytes).buffer);
  return [...words].map((word) => `.dword ${word}`).join('\n');
}

/** Frequent ones stand here several times. */
const kinds: readonly ((next: Next, places: Places, label: Labels) => string)[] = [
  straightLine,
  straightLine,
  straightLine,
  straightLine,
  // Memory: a word at random, across pages at times, and data in the page of this code.
  (next) =>
    `ld ${register(next)},${(next() % 4096) - 2048}(s11)\nsd ${register(next)},${(next() % 4096) - 2048}(sp)`,
  (next) => `sw ${register(next)},2045(s11)\nlw ${register(next)},2046(sp)`,
  (next, _, { piece }) =>
    `la t0,${piece}data\nsd ${register(next)},0(t0)\namoadd.d t1,${register(next)},(t0)`,
  (next, { window }) =>
    `li t0,${window + 16 * 4096 + (next() % 60_000)}\nld ${register(next)},0(t0)\nsd s3,0(t0)`,
  (next) => `ld ${register(next)},${next() % 2000}(zero)`,
  () => 'li t0,0x200bff8\nld t1,0(t0)\nxor s8,s8,t1',
  // Locks and other harts.
  (_, __, { part }) => `${part}lock:\nlr.d t0,(s10)\naddi t0,t0,1\nsc.d t1,t0,(s10)\nbnez t1,${part}lock`,
  (next) => `lr.w t0,(s10)\n${oneOf(next, ['sw t0,4(s10)', 'nop', 'ecall'])}\nsc.w t1,s3,(s10)\nxor s8,s8,t1`,
  (next) => `li t0,0x2000000\nli t1,1\nsw t1,${(next() % 3) * 4}(t0)`,
  // Code that changes: another piece's, or what comes next.
  (next, places) => patchCode(next, places, oneOf(next, [...places.pieces, ...places.functions])),
  (next, places, { piece }) => patchCode(next, places, piece),
  (next, { patches }, { part }) => `
    ${somePatch(next, patches)}
    la t1,${part}next
    ${oneOf(next, ['sw t0,0(t1)', 'sh t0,0(t1)', 'amoswap.w t2,t0,(t1)', 'sb t0,2(t1)'])}
    ${oneOf(next, ['nop', 'fence.i', 'addi a0,a0,1'])}
    ${part}next:
    addi a1,a1,1`,
  // Page tables, with and without a fence.
  (next, { leaves }) => `
    li t0,${leaves + (16 + (next() % 16)) * 8}
    ld t1,0(t0)
    ld t2,${(next() % 4) * 8 - 32}(t0)
    sd t2,0(t0)
    sd t1,${(next() % 4) * 8 - 32}(t0)
    ${oneOf(next, ['nop', 'sfence.vma', 'sfence.vma t0,zero'])}`,
  (next, { leaves }) => `
    li t0,${leaves + (next() % 7) * 8}
    ld t1,0(t0)
    xori t1,t1,${1 << (next() % 4)}
    sd t1,0(t0)
    sfence.vma`,
  // Which of the window's data are the user's, and who may read them.
  (next, { leaves, window }) => {
    const page = next() % 4;
    return `
    li t0,${leaves + (16 + page) * 8}
    ld t1,0(t0)
    xori t1,t1,16
    sd t1,0(t0)
    sfence.vma
    li t0,0x40000
    ${oneOf(next, ['csrs', 'csrc'])} sstatus,t0
    li t1,${window + (16 + page) * 4096 + 256}
    ld t2,0(t1)
    ${oneOf(next, ['csrs sstatus', 'csrc sstatus', 'csrw sstatus', 'csrrw t2,sstatus'])},t0
    sd s3,8(t1)`;
  },
  (next) =>
    `${oneOf(next, ['csrsi', 'csrci'])} sstatus,2\nli t0,0x40000\n${oneOf(next, ['csrs', 'csrc'])} sstatus,t0`,
  // System state.
  (next) => `csrr t0,${oneOf(next, ['instret', 'time', 'cycle', 'fcsr'])}\nxor s8,s8,t0`,
  (next) => `csrwi frm,${next() % 8}`,
  (next) => `li t0,0x6000\n${oneOf(next, ['csrc', 'csrs'])} ${oneOf(next, ['mstatus', 'sstatus'])},t0`,
  (next) => oneOf(next, ['ecall', 'ebreak', 'fence.i', 'fence', 'cbo.zero (s11)', 'wfi', '.dword 0']),
];

/** Loads an instruction, another one each time, into t0. */
const somePatch = (next: Next, patches: number): string => `
    li t0,${patches}
    andi t1,s3,${[8, 24, 0x78][next() % 3]}
    add t0,t0,t1
    ld t0,0(t0)`;

function patchCode(next: Next, { patches }: Places, label: string): string {
  return `
    ${somePatch(next, patches)}
    la t1,${label}patch
    ${oneOf(next, ['sw t0,0(t1)', 'amoswap.w zero,t0,(t1)', 'sw t0,0(t1)\nfence.i'])}`;
}

/** Ways out of a piece; what does not leave goes on behind. */
const ends: readonly ((next: Next, places: Places, piece: string) => string)[] = [
  (next, { pieces }) => `j ${oneOf(next, pieces)}`,
  (next, { pieces }, piece) =>
    `andi t0,s3,${1 << (3 + (next() % 6))}\n${unless('beqz t0', oneOf(next, pieces), piece)}`,
  (next, { pieces }, piece) =>
    `andi t0,s3,${7 << (next() % 7)}\n${unless('beqz t0', oneOf(next, pieces), piece)}`,
  (next, { pieces }, piece) => unless(`bltu ${register(next)},${register(next)}`, oneOf(next, pieces), piece),
  (next, { functions }) => `jal ra,${oneOf(next, functions)}`,
  (next, { functions }) => `la t0,${oneOf(next, functions)}\njalr ra,0(t0)\nj ${oneOf(next, functions)}`,
  (next, { table, tableMask }) => `
    li t0,${table}
    andi t1,s3,${tableMask}
    add t0,t0,t1
    ld t0,0(t0)
    ${oneOf(next, ['jr t0', 'jalr t0,0(t0)', 'jalr ra,0(t0)'])}`,
];

/** Another piece may be too far away for a branch. */
const unless = (branch: string, target: string, piece: string): string =>
  `${branch},${piece}on\nj ${target}\n${piece}on:`;

/** Advances the random number in s3. */
const draw = 'slli t2,s3,13\nadd s3,s3,t2\nsrli t2,s3,7\nxor s3,s3,t2\naddi s3,s3,1';

/** A piece of code that begins at `label`: a function if it is called so, which returns. */
export function randomBody(next: Next, label: string, places: Places): string {
  const count = 1 + (next() % 4);
  const partAt = (index: number): string => `${label}part${index}`;
  const branch = (): string =>
    next() % 4 === 0
      ? `andi t0,s3,${3 << (next() % 8)}\n${oneOf(next, ['bnez', 'beqz'])} t0,${partAt(next() % count)}`
      : '';
  const parts = Array.from({ length: count }, (_, index) => {
    const part = partAt(index);
    return `${part}:\n${oneOf(next, kinds)(next, places, { piece: label, part })}\n${branch()}`;
  });
  const loop = next() % 3 === 0 ? `andi t0,s3,${3 << (next() % 5)}\nbnez t0,${label}` : '';
  const isFunction = places.functions.includes(label);
  return `
    ${next() % 10 === 0 ? `j ${label}\n.align 4096\n${'nop\n'.repeat(next() % 3)}` : ''}
    ${label}:
    ${draw}
    ${parts.join('\n')}
    ${label}patch:
    addi a2,a2,3
    ${loop}
    ${isFunction ? 'ret' : oneOf(next, ends)(next, places, label)}
    j ${oneOf(next, places.pieces)}
    ${label}data:
    .dword 0`;
}
