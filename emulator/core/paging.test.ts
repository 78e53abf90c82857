import assert from 'node:assert/strict';
import { Privilege } from '../api';
import type { ExtensionSet } from '../isa/extensions';
import { implementedExtensions } from '../isa/extensions';
import { Core } from './core';
import { RAM_BASE } from './guest-memory';
import { TestHart } from './test-hart.test-support';

const { user, supervisor } = Privilege;
const V = 1n;
const R = 2n;
const W = 4n;
const X = 8n;
const U = 16n;
const G = 32n;
const A = 64n;
const D = 128n;

const ROOT = RAM_BASE + 0x10000;
const MIDDLE = RAM_BASE + 0x11000;
const LEAVES = RAM_BASE + 0x12000;
/** Virtual 4 KiB pages from here on are mapped by LEAVES; 2 MiB from `MEGA` by an entry of MIDDLE. */
const PAGE = 0x4000_0000n;
const MEGA = 0x4020_0000n;
const DATA = RAM_BASE + 0x20000;
const CODE = BigInt(RAM_BASE);
const HANDLER = CODE + 0x4000n;

const entry = (physical: number, bits: bigint): bigint => (BigInt(physical) >> 2n) | bits;
/** Roots by mode of satp: those of Sv48 and Sv57 have the Sv39 tables below their first entry. */
const roots = { 8: ROOT, 9: RAM_BASE + 0x18000, 10: RAM_BASE + 0x19000 } as const;
type Mode = keyof typeof roots;
const satpFor = (asid: bigint, mode: Mode = 8): bigint =>
  (BigInt(mode) << 60n) | (asid << 44n) | BigInt(roots[mode] / 4096);

interface PagedOptions {
  readonly mode?: Mode;
  /** What the machine has; all that is implemented, if not given. */
  readonly isa?: ExtensionSet;
}

class PagedHart extends TestHart {
  constructor(privilege: Privilege, source: string, { mode = 8, isa }: PagedOptions = {}) {
    super({}, new Core(1 << 20, isa));
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

const LOAD = 'ld a0,0(a1)';
const STORE = 'sd a0,0(a1)';
const JUMP = 'jalr a0,0(a1)';

const without = (...names: readonly string[]): ExtensionSet =>
  new Set([...implementedExtensions].filter((name) => !names.includes(name)));

describe('page tables', () => {
  it('sets A on loads and D on stores, and neither when the access faults', () => {
    const test = new PagedHart(supervisor, `${LOAD}\n${STORE}`);
    test.map(0, V | R | W);
    test.write64(DATA + 8, 42n);
    test.step();
    assert.equal(test.hart.getX(10), 42n);
    assert.equal(test.leaf(0), V | R | W | A);
    test.step();
    assert.equal(test.leaf(0), V | R | W | A | D);

    const denied = new PagedHart(supervisor, STORE);
    denied.map(0, V | R);
    assert.equal(denied.tryIt(), 15n);
    assert.equal(denied.csr('mtval'), PAGE + 8n);
    assert.equal(denied.leaf(0), V | R);
  });

  const verdicts: readonly [
    what: string,
    bits: bigint,
    privilege: Privilege,
    source: string,
    status: bigint,
    cause?: bigint,
  ][] = [
    ['a page that is not valid', R | W, supervisor, LOAD, 0n, 13n],
    ['a write-only page', V | W, supervisor, LOAD, 0n, 13n],
    ['a pointer in the last level', V, supervisor, LOAD, 0n, 13n],
    ['reserved bits', V | R | (1n << 54n), supervisor, LOAD, 0n, 13n],
    ['a load from a page that is only executable', V | X, supervisor, LOAD, 0n, 13n],
    ['the same with MXR', V | X, supervisor, LOAD, 1n << 19n],
    ['a user page in S-mode', V | R | U, supervisor, LOAD, 0n, 13n],
    ['the same with SUM', V | R | U, supervisor, LOAD, 1n << 18n],
    ['executing a user page in S-mode with SUM', V | R | X | U, supervisor, JUMP, 1n << 18n, 12n],
    ['a user page in U-mode', V | R | U, user, LOAD, 0n],
    ['a supervisor page in U-mode', V | R, user, LOAD, 0n, 13n],
    ['executing a page without X', V | R, supervisor, JUMP, 0n, 12n],
    ['storing to a read-only page', V | R | X, supervisor, STORE, 0n, 15n],
  ];
  for (const [what, bits, privilege, source, status, cause] of verdicts) {
    it(`${cause === undefined ? 'allows' : 'faults for'} ${what}`, () => {
      const test = new PagedHart(privilege, source);
      test.setCsr('sstatus', status);
      test.map(0, bits);
      let result = test.tryIt();
      if (source === JUMP && result === undefined) {
        test.step();
        result = test.hart.pc === HANDLER ? test.csr('mcause') : undefined;
      }
      assert.equal(result, cause);
      if (cause !== undefined) assert.equal(test.csr('mtval'), PAGE + 8n);
    });
  }

  it('faults for addresses whose bits 63:39 are not copies of bit 38', () => {
    const test = new PagedHart(supervisor, LOAD);
    test.map(0, V | R);
    test.hart.setX(11, PAGE | (1n << 40n));
    assert.equal(test.tryIt(), 13n);
    assert.equal(test.csr('mtval'), PAGE | (1n << 40n));
  });

  it('maps superpages, and faults for misaligned ones', () => {
    const test = new PagedHart(supervisor, LOAD);
    test.write64(MIDDLE + 8, entry(RAM_BASE, V | R));
    test.write64(DATA + 0x18, 7n);
    test.hart.setX(11, MEGA + 0x20018n);
    assert.equal(test.tryIt(), undefined);
    assert.equal(test.hart.getX(10), 7n);

    const misaligned = new PagedHart(supervisor, LOAD);
    misaligned.write64(MIDDLE + 8, entry(DATA, V | R));
    misaligned.hart.setX(11, MEGA);
    assert.equal(misaligned.tryIt(), 13n);
  });

  it('gives the second half of a split access its own address, and does nothing before both are translated', () => {
    for (const [source, cause] of [
      [LOAD, 13n],
      [STORE, 15n],
    ] as const) {
      const test = new PagedHart(supervisor, source);
      test.map(0, V | R | W);
      test.write64(DATA + 0xff8, 0x1122_3344_5566_7788n);
      test.hart.setX(10, 0n);
      test.hart.setX(11, PAGE + 0xffcn);
      assert.equal(test.tryIt(), cause);
      assert.equal(test.csr('mtval'), PAGE + 0x1000n);
      assert.equal(test.read64(DATA + 0xff8), 0x1122_3344_5566_7788n);
    }
  });

  it('joins a split access whose pages lie apart', () => {
    const test = new PagedHart(supervisor, `${STORE}\n${LOAD}`);
    test.map(0, V | R | W, DATA);
    test.map(1, V | R | W, DATA + 0x5000);
    test.hart.setX(10, 0x0102_0304_0506_0708n);
    test.hart.setX(11, PAGE + 0xffdn);
    test.step();
    assert.equal(test.read64(DATA + 0xff8) >> 40n, 0x06_0708n);
    assert.equal(test.read64(DATA + 0x5000) & 0xff_ffff_ffffn, 0x01_0203_0405n);
    test.hart.setX(10, 0n);
    test.step();
    assert.equal(test.hart.getX(10), 0x0102_0304_0506_0708n);
  });

  it('lends M-mode the rights of MPP through MPRV for loads, not for fetches', () => {
    const test = new PagedHart(supervisor, LOAD);
    test.map(0, V | R);
    test.write64(DATA + 8, 9n);
    test.enter(Privilege.machine, CODE);
    test.setCsr('mstatus', (1n << 17n) | (1n << 11n));
    assert.equal(test.tryIt(), undefined);
    assert.equal(test.hart.getX(10), 9n);
    assert.equal(test.hart.privilege, Privilege.machine);
  });

  it('uses a new mapping after sfence.vma for its address, its address space, or all', () => {
    for (const [fence, a2] of [
      ['sfence.vma a1', 0n],
      ['sfence.vma a1,a2', 1n],
      ['sfence.vma zero,a2', 1n],
      ['sfence.vma', 0n],
    ] as const) {
      const test = new PagedHart(supervisor, `${LOAD}\n${fence}\n${LOAD}`);
      test.map(0, V | R, DATA);
      test.write64(DATA + 8, 1n);
      test.write64(DATA + 0x1008, 2n);
      test.hart.setX(12, a2);
      test.step();
      assert.equal(test.hart.getX(10), 1n);
      test.write64(LEAVES, entry(DATA + 0x1000, V | R));
      test.step(2);
      assert.equal(test.hart.getX(10), 2n, fence);
    }
  });

  it('uses a new superpage mapping after sfence.vma for any address in it', () => {
    const test = new PagedHart(supervisor, `${LOAD}\nsfence.vma a2\n${LOAD}`);
    test.write64(MIDDLE + 8, entry(RAM_BASE, V | R | A));
    test.hart.setX(11, MEGA + 0x20000n);
    test.hart.setX(12, MEGA + 0x5000n);
    test.write64(DATA, 1n);
    test.step();
    assert.equal(test.hart.getX(10), 1n);
    test.write64(MIDDLE + 8, 0n);
    test.step(2);
    assert.equal(test.csr('mcause'), 13n);
  });

  it('keeps address spaces apart and finds global pages in each', () => {
    const test = new PagedHart(supervisor, `${LOAD}\ncsrw satp,a3\n${LOAD}\nld a4,0(a5)`);
    const otherRoot = RAM_BASE + 0x14000;
    test.map(0, V | R, DATA);
    test.map(1, V | R | G, DATA + 0x2000);
    test.write64(DATA + 8, 1n);
    test.write64(DATA + 0x1008, 2n);
    test.write64(DATA + 0x2008, 3n);
    test.write64(otherRoot + 16, test.read64(ROOT + 16), 0n);
    test.write64(otherRoot + 8, entry(otherRoot + 0x1000, V));
    test.write64(otherRoot + 0x1000, entry(otherRoot + 0x2000, V));
    test.write64(otherRoot + 0x2000, entry(DATA + 0x1000, V | R), entry(DATA + 0x2000, V | R | G));
    test.hart.setX(13, (8n << 60n) | (2n << 44n) | BigInt(otherRoot / 4096));
    test.hart.setX(15, PAGE + 0x1008n);
    test.step();
    assert.equal(test.hart.getX(10), 1n);
    test.step(2);
    assert.equal(test.hart.getX(10), 2n);
    test.step();
    assert.equal(test.hart.getX(14), 3n);
  });

  it('finds both halves of an access across pages that are not neighbours in memory', () => {
    const test = new PagedHart(supervisor, `${LOAD}\nld a2,0(a1)\nsd a2,0(a1)`);
    test.map(0, V | R | W, DATA);
    test.map(1, V | R | W, DATA + 0x3000);
    test.write64(DATA + 0xff8, 0x4433_2211_0000_0000n);
    test.write64(DATA + 0x3000, 0x8877_6655n);
    for (const page of [PAGE, PAGE + 0x1000n]) {
      // Both pages are in the TLB when the access comes that touches both.
      test.hart.setX(11, page);
      test.tryIt();
    }
    test.hart.setX(11, PAGE + 0xffcn);
    test.step();
    assert.equal(test.hart.getX(12), 0x8877_6655_4433_2211n);
    test.hart.setX(12, 0x1122_3344_5566_7788n);
    test.step();
    assert.equal(test.read64(DATA + 0xff8), 0x5566_7788_0000_0000n);
    assert.equal(test.read64(DATA + 0x3000), 0x1122_3344n);
  });

  it('translates for a debugger without setting A', () => {
    const test = new PagedHart(supervisor, LOAD);
    test.map(0, V | R | U);
    assert.equal(test.hart.translate(PAGE + 0x123n), DATA + 0x123);
    assert.equal(test.hart.translate(PAGE + 0x5000n), undefined);
    assert.equal(test.leaf(0), V | R | U);
    assert.equal(test.hart.bare, false);
  });
});

describe('Sv48 and Sv57', () => {
  for (const [mode, bits] of [
    [8, 39],
    [9, 48],
    [10, 57],
  ] as const) {
    it(`translate ${bits} bits with satp.MODE = ${mode}, and fault for all others`, () => {
      const test = new PagedHart(supervisor, LOAD, { mode });
      test.map(0, V | R);
      test.write64(DATA + 8, 42n);
      assert.equal(test.tryIt(), undefined);
      assert.equal(test.hart.getX(10), 42n);
      for (let bit = bits; bit < 64; bit++) {
        const address = PAGE | (1n << BigInt(bit));
        test.hart.setX(11, address);
        assert.equal(test.tryIt(), 13n, `bit ${bit}`);
        assert.equal(test.csr('mtval'), address);
        test.enter(supervisor, CODE);
      }
      // The highest bit makes all above it ones. Entry 256 of the root maps a superpage.
      const first = mode === 8 ? 0x8000_0000 : 0;
      test.write64(roots[mode] + 256 * 8, entry(first, V | R));
      test.hart.fenceVma(undefined, undefined, undefined);
      test.hart.setX(11, BigInt.asUintN(64, -1n << BigInt(bits - 1)) + BigInt(DATA - first) + 8n);
      test.hart.setX(10, 0n);
      assert.equal(test.tryIt(), undefined);
      assert.equal(test.hart.getX(10), 42n);
    });

    it(`need the extension: without it satp keeps its value (MODE = ${mode})`, () => {
      const names = { 8: ['sv39', 'sv48', 'sv57'], 9: ['sv48', 'sv57'], 10: ['sv57'] }[mode];
      const test = new TestHart({}, new Core(1 << 20, without(...names)));
      test.setCsr('satp', BigInt(mode) << 60n);
      assert.equal(test.csr('satp'), 0n);
    });
  }

  it('forget single pages in all parts of the address space', () => {
    for (const [mode, bits] of [
      [8, 39],
      [9, 48],
      [10, 57],
    ] as const) {
      const test = new PagedHart(supervisor, `${LOAD}\nsfence.vma a1\n${LOAD}`, { mode });
      // The upper half of the address space shows the lower one again.
      const address = PAGE + BigInt.asUintN(64, -1n << BigInt(bits - 1)) + 8n;
      for (let index = 0; index < 4; index++) {
        test.write64(roots[mode] + (256 + index) * 8, test.read64(roots[mode] + index * 8));
      }
      test.hart.setX(11, address);
      test.map(0, V | R);
      assert.equal(test.tryIt(), undefined);
      test.write64(LEAVES, 0n);
      test.step(2);
      assert.deepEqual([test.csr('mcause'), test.csr('mtval')], [13n, address]);
    }
  });

  it('map superpages of 512 GiB and 256 TiB, and fault for misaligned ones', () => {
    for (const [mode, pages] of [
      [9, 2n ** 27n],
      [10, 2n ** 36n],
    ] as const) {
      const test = new PagedHart(supervisor, LOAD, { mode });
      test.write64(DATA + 8, 42n);
      // The second entry of the root maps physical memory from 0.
      test.write64(roots[mode] + 8, V | R);
      test.hart.setX(11, pages * 4096n + BigInt(DATA) + 8n);
      assert.equal(test.tryIt(), undefined);
      assert.equal(test.hart.getX(10), 42n);
      assert.equal(test.hart.translate(pages * 4096n + BigInt(DATA)), DATA);
      test.write64(roots[mode] + 8, entry(0, V | R) | ((pages / 2n) << 10n));
      test.hart.fenceVma(undefined, undefined, undefined);
      assert.equal(test.tryIt(), 13n);
    }
  });
});

describe('Svnapot', () => {
  const N = 1n << 63n;
  /** Page 16 of LEAVES is the first of a naturally aligned 64 KiB; so is DATA. */
  const RANGE = PAGE + 0x10000n;

  function napot(bits: bigint, options?: PagedOptions): PagedHart {
    const test = new PagedHart(supervisor, LOAD, options);
    for (let index = 16; index < 32; index++) test.map(index, bits, DATA);
    return test;
  }

  it('maps 64 KiB with entries that are all the same', () => {
    const test = napot(N | V | R | (8n << 10n));
    for (const page of [0, 1, 8, 15]) {
      test.write64(DATA + page * 4096 + 8, BigInt(page));
      test.hart.setX(11, RANGE + BigInt(page * 4096 + 8));
      assert.equal(test.tryIt(), undefined);
      assert.equal(test.hart.getX(10), BigInt(page));
    }
  });

  it('forgets all of a range after sfence.vma for any page of it', () => {
    const test = napot(N | V | R | (8n << 10n));
    test.hart.setX(11, RANGE + 0x5000n);
    assert.equal(test.tryIt(), undefined);
    for (let index = 16; index < 32; index++) test.write64(LEAVES + index * 8, 0n);
    test.hart.fenceVma(RANGE + 0xf000n, 1n, undefined);
    assert.equal(test.tryIt(), 13n);
  });

  it('faults for sizes that are reserved, above the last level, in pointers, and without the extension', () => {
    for (const size of [0n, 1n, 2n, 4n, 9n, 12n, 15n]) {
      const test = napot(N | V | R | (size << 10n));
      test.hart.setX(11, RANGE);
      assert.equal(test.tryIt(), 13n, `ppn[3:0] = ${size}`);
    }
    const mega = new PagedHart(supervisor, LOAD);
    mega.write64(MIDDLE + 8, entry(0x8000_0000, N | V | R | (8n << 10n)));
    mega.hart.setX(11, MEGA);
    assert.equal(mega.tryIt(), 13n);
    const pointer = new PagedHart(supervisor, LOAD);
    pointer.map(0, V | R);
    pointer.write64(MIDDLE, entry(LEAVES, N | V));
    assert.equal(pointer.tryIt(), 13n);
    const absent = napot(N | V | R | (8n << 10n), { isa: without('svnapot') });
    absent.hart.setX(11, RANGE);
    assert.equal(absent.tryIt(), 13n);
  });
});

describe('Svpbmt', () => {
  const PBMTE = 1n << 62n;
  const withType = (type: bigint, options?: PagedOptions): PagedHart => {
    const test = new PagedHart(supervisor, LOAD, options);
    test.map(0, V | R | (type << 61n));
    return test;
  };

  it('takes the memory types NC and IO, and faults for the reserved one', () => {
    assert.deepEqual(
      [0n, 1n, 2n, 3n].map((type) => withType(type).tryIt()),
      [undefined, undefined, undefined, 13n],
    );
  });

  it('faults for a type in a pointer, with menvcfg.PBMTE clear, and without the extension', () => {
    const pointer = withType(0n);
    pointer.write64(MIDDLE, entry(LEAVES, V | (1n << 61n)));
    assert.equal(pointer.tryIt(), 13n);
    const off = withType(1n);
    off.setCsr('menvcfg', off.csr('menvcfg') & ~PBMTE);
    assert.equal(off.tryIt(), 13n);
    const absent = withType(1n, { isa: without('svpbmt') });
    assert.equal(absent.tryIt(), 13n);
    absent.setCsr('menvcfg', PBMTE);
    assert.equal(absent.csr('menvcfg') & PBMTE, 0n);
  });
});

describe('Svadu', () => {
  const ADUE = 1n << 61n;

  it('leaves A and D to software while menvcfg.ADUE is clear: what would set them faults', () => {
    const test = new PagedHart(supervisor, `${LOAD}\n${STORE}`);
    test.setCsr('menvcfg', test.csr('menvcfg') & ~ADUE);
    test.map(0, V | R | W);
    assert.equal(test.tryIt(), 13n);
    assert.equal(test.leaf(0), V | R | W);
    test.map(0, V | R | W | A);
    test.enter(supervisor, CODE);
    assert.equal(test.tryIt(), undefined);
    test.step();
    assert.deepEqual([test.csr('mcause'), test.csr('mtval')], [15n, PAGE + 8n]);
    assert.equal(test.leaf(0), V | R | W | A);
    test.setCsr('menvcfg', ADUE);
    test.enter(supervisor, CODE + 4n);
    test.step();
    assert.equal(test.leaf(0), V | R | W | A | D);
  });

  it('is off, and cannot be put on, without the extension', () => {
    const test = new PagedHart(supervisor, LOAD, { isa: without('svadu') });
    test.map(0, V | R);
    assert.equal(test.tryIt(), 13n);
    test.setCsr('menvcfg', ADUE);
    assert.equal(test.csr('menvcfg') & ADUE, 0n);
  });
});
