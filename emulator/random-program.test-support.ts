/** Whole programs at random, made to be hard on translated code: see `randomProgram`. */
import type { BootImage, Segment } from './api';
import { randomBody, type Places } from './random-body.test-support';
import { guest } from './guest.test-support';
import { assemble } from './isa/assemble';
import { xorshift } from './xorshift.test-support';

const CODE = 0x8000_0000;
const TABLE = 0x8000_8000;
const PATCHES = 0x8000_9000;
const SHARED = 0x8001_0400;
const PRIVATE = 0x8001_2800;
/** Page tables begin here: nothing else lies above. */
export const ROOT = 0x8002_0000;
const MIDDLE = 0x8002_1000;
const LEAVES = 0x8002_2000;
/** Where the pages of code, and from `WINDOW + 16 pages` on those of data, are mapped once more. */
const WINDOW = 0x4000_0000;
const TABLE_SIZE = 32;
const CODE_PAGES = 8;

export const modes = ['machine', 'supervisor', 'user'] as const;
export type Mode = (typeof modes)[number];

export interface ProgramOptions {
  readonly seed: number;
  readonly mode: Mode;
  /** Physical memory protection does not treat all of the code's second page alike. */
  readonly guarded: boolean;
}

export interface RandomProgram {
  readonly image: BootImage;
  /** Addresses at which instructions may begin, also those of the window. */
  readonly addresses: readonly bigint[];
}

/**
 * A program for all harts, in M-mode first (firmware `none`). Pieces of random instructions branch to each other, back and forth, call,
 * and jump through a table, into the middle of instructions too and to other addresses of the same code. They store to data in the pages of
 * the code and to the code itself, change page tables, make locks of LR and SC, interrupt each other, and trap. What traps is skipped, or the
 * program begins again.
 */
export function randomProgram({ seed, mode, guarded }: ProgramOptions): RandomProgram {
  const next = xorshift(seed);
  const pieces = 6 + (next() % 14);
  const names = Array.from({ length: pieces }, (_, index) => `piece${index}`);
  const functions = ['function0', 'function1', 'function2'];
  const places: Places = {
    pieces: names,
    functions,
    table: TABLE,
    tableMask: (TABLE_SIZE - 1) * 8,
    patches: PATCHES,
    leaves: LEAVES,
    window: WINDOW,
  };
  const body = [...names, ...functions].map((name) => randomBody(next, name, places)).join('\n');
  const { image, labels } = guest(`${prologue(mode, guarded)}\n${handler}\nmain:\n${setUp}\n${body}\nj main`);
  const addresses = [...labels]
    .filter(([name]) => /^(piece|function|patch|main)/.test(name))
    .map(([, address]) => address);
  const aliases = addresses.map((address) => address - BigInt(CODE) + BigInt(WINDOW));
  const table = Array.from({ length: TABLE_SIZE }, () => {
    const known = mode === 'machine' || next() % 3 > 0 ? addresses : aliases;
    const middle = next() % 8 === 0 ? 2n : 0n;
    return known[next() % known.length]! + middle;
  });
  return {
    image: {
      entry: image.entry,
      segments: [
        ...image.segments,
        doublewords(TABLE, table),
        doublewords(
          PATCHES,
          Array.from({ length: 16 }, () => BigInt(patch(next))),
        ),
        ...pageTables(mode),
      ],
    },
    addresses: [...addresses, ...aliases],
  };
}

/** Sets up M-mode, then goes to `main` with the mode's privilege. */
const prologue = (mode: Mode, guarded: boolean): string => `
  la t0,handler
  csrw mtvec,t0
  li t0,0x20000600
  csrw pmpaddr0,t0
  li t0,0x3fffffffffffff
  csrw pmpaddr1,t0
  li t0,${guarded ? 0x1f17 : 0x1f00}
  csrw pmpcfg0,t0
  li t0,-1
  csrw mcounteren,t0
  csrw scounteren,t0
  li t0,0xe0000000000000f0
  csrw menvcfg,t0
  csrw senvcfg,t0
  li t0,0x88
  csrw mie,t0
  csrr t0,mhartid
  slli s9,t0,13
  li t1,${PRIVATE}
  add s9,s9,t1
  li t1,0x2004000
  slli t0,t0,3
  add t1,t1,t0
  li t0,40
  sd t0,0(t1)
  li t0,${(8n << 60n) | BigInt(ROOT / 4096)}
  csrw satp,t0
  la t0,main
  csrw mepc,t0
  li t0,0x7880
  csrc mstatus,t0
  li t0,${0x2080 | { machine: 0x1800, supervisor: 0x800, user: 0 }[mode]}
  csrs mstatus,t0
  mret`;

/** Notes every trap in s8, sets the timer anew, and goes on; where nothing can be executed, at `main`. */
const handler = `
  .align 64
  handler:
  csrr t5,mcause
  csrr t6,mepc
  slli t4,s8,5
  add s8,s8,t4
  xor s8,s8,t5
  add s8,s8,t6
  csrr t6,mtval
  xor s8,s8,t6
  csrr t6,minstret
  add s8,s8,t6
  bltz t5,interrupt
  beqz t5,restart
  addi t4,t5,-1
  beqz t4,restart
  addi t4,t5,-12
  beqz t4,restart
  csrr t6,mepc
  addi t6,t6,4
  csrw mepc,t6
  mret
  restart:
  la t6,main
  csrw mepc,t6
  mret
  interrupt:
  csrr t4,mhartid
  andi t5,t5,4
  bnez t5,timer
  slli t4,t4,2
  li t5,0x2000000
  add t5,t5,t4
  sw zero,0(t5)
  mret
  timer:
  slli t4,t4,3
  li t5,0x2004000
  add t5,t5,t4
  csrr t6,time
  andi t4,s8,63
  add t6,t6,t4
  addi t6,t6,8
  sd t6,0(t5)
  mret`;

/** The pointers of random instructions; the second pointer is the hart's own. */
const setUp = `
  addi sp,s9,0
  addi s11,s9,0
  li s10,${SHARED}
  addi s3,s3,1`;

/** An instruction to write over another. */
function patch(next: () => number): number {
  const choices = [
    `addi a${next() % 6},a${next() % 6},${next() % 2000}`,
    `xor a${next() % 6},a${next() % 6},s3`,
    `ld a${next() % 6},${next() % 2000}(sp)`,
    'ecall',
    `beq a${next() % 6},a${next() % 6},0x8`,
  ];
  return assemble(choices[next() % choices.length]!)!;
}

function pageTables(mode: Mode): Segment[] {
  const user = mode === 'user' ? 16n : 0n;
  const leaf = (physical: number, bits: bigint) => (BigInt(physical) >> 2n) | bits | user;
  const gigapages = [leaf(0, 0xc7n), (BigInt(MIDDLE) >> 2n) | 1n, leaf(CODE, 0xcfn)];
  const code = Array.from({ length: 16 }, (_, page) => leaf(CODE + (page % CODE_PAGES) * 4096, 0xfn));
  const data = Array.from({ length: 16 }, (_, page) => leaf(PRIVATE - 2048 + (page % 4) * 4096, 0x7n));
  return [
    doublewords(ROOT, gigapages),
    doublewords(MIDDLE, [(BigInt(LEAVES) >> 2n) | 1n]),
    doublewords(LEAVES, [...code, ...data]),
  ];
}

function doublewords(address: number, values: readonly bigint[]): Segment {
  const data = new Uint8Array(BigUint64Array.from(values).buffer);
  return { address, data, memorySize: data.length };
}
