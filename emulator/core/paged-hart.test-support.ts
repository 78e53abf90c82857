/** A hart with page tables of three levels, whose leaves a test sets one by one. */
import { Privilege } from '../api';
import type { ExtensionSet } from '../isa/extensions';
import { implementedExtensions } from '../isa/extensions';
import type { BoardForHart } from './api';
import { Core } from './core';
import { RAM_BASE } from './guest-memory';
import { TestHart } from './test-hart.test-support';

const { user } = Privilege;
export const V = 1n;
export const R = 2n;
export const W = 4n;
export const X = 8n;
export const U = 16n;
export const G = 32n;
export const A = 64n;
export const D = 128n;

export const ROOT = RAM_BASE + 0x10000;
export const MIDDLE = RAM_BASE + 0x11000;
export const LEAVES = RAM_BASE + 0x12000;
/** Virtual 4 KiB pages from here on are mapped by LEAVES; 2 MiB from `MEGA` by an entry of MIDDLE. */
export const PAGE = 0x4000_0000n;
export const MEGA = 0x4020_0000n;
export const DATA = RAM_BASE + 0x20000;
export const CODE = BigInt(RAM_BASE);
export const HANDLER = CODE + 0x4000n;

export const entry = (physical: number, bits: bigint): bigint => (BigInt(physical) >> 2n) | bits;
/** Roots by mode of satp: those of Sv48 and Sv57 have the Sv39 tables below their first entry. */
export const roots = { 8: ROOT, 9: RAM_BASE + 0x18000, 10: RAM_BASE + 0x19000 } as const;
export type Mode = keyof typeof roots;
const satpFor = (asid: bigint, mode: Mode = 8): bigint =>
  (BigInt(mode) << 60n) | (asid << 44n) | BigInt(roots[mode] / 4096);

export interface PagedOptions {
  readonly mode?: Mode;
  /** What the machine has; all that is implemented, if not given. */
  readonly isa?: ExtensionSet;
  readonly board?: Partial<BoardForHart>;
}

export class PagedHart extends TestHart {
  constructor(privilege: Privilege, source: string, { mode = 8, isa, board = {} }: PagedOptions = {}) {
    super(board, new Core(1 << 20, isa));
    this.load(source);
    this.setCsr('pmpaddr0', (1n << 54n) - 1n);
    this.setCsr('pmpcfg0', 0x1fn);
    this.setCsr('mtvec', HANDLER);
    // The program's own gigabyte is mapped to itself, for the mode that it runs in.
    this.write64(ROOT + 2 * 8, entry(0x8000_0000, V | R | W | X | A | D | (privilege === user ? U : 0n)));
    this.write64(ROOT + 8, entry(MIDDLE, V));
    this.write64(MIDDLE, entry(LEAVES, V));
    this.write64(roots[9], entry(ROOT, V));
    this.write64(roots[10], entry(roots[9], V));
    this.setCsr('satp', satpFor(1n, mode));
    this.enter(privilege, CODE);
    this.hart.setX(11, PAGE + 8n);
  }

  /** Maps page `index` and tells the hart. */
  map(index: number, bits: bigint, physical = DATA): void {
    this.write64(LEAVES + index * 8, entry(physical, bits));
    this.hart.fenceVma(undefined, undefined, undefined);
  }

  leaf(index: number): bigint {
    return this.read64(LEAVES + index * 8) & 0x3ffn;
  }

  /** Executes the program's first instruction; gives the cause of the trap that it takes, if any. */
  tryIt(): bigint | undefined {
    this.hart.pc = CODE;
    this.step();
    return this.hart.pc === HANDLER ? this.csr('mcause') : undefined;
  }
}

export const LOAD = 'ld a0,0(a1)';
export const STORE = 'sd a0,0(a1)';
export const JUMP = 'jalr a0,0(a1)';

export const without = (...names: readonly string[]): ExtensionSet =>
  new Set([...implementedExtensions].filter((name) => !names.includes(name)));
