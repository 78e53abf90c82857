import type { Experiment } from './experiment.test-support';
import { xorshift } from '../xorshift.test-support';
import { compareWithQemu, FREE } from './experiment.test-support';
import { hasQemu } from './qemu.test-support';

const SEEDS = [1, 0x9e37_79b9];
const EXPERIMENTS = 2000;

/** Tables by level; the root of Sv39 is that of level 2, and so on. Entry 1 points to the next table, entry 3 is tried. */
const table = (level: number): number => FREE + level * 4096;
const LINK = 1;
const LEAF = 3;
/** What all leaves map, each with its own superpage around it. */
const TARGET = 0x8020_0008;
/** First addresses of leaves that have the target in them. */
const bases = [0x8020_0000, 0x8020_0000, 0x8000_0000, 0, 0] as const;

const V = 1n;
const NAPOT = 1n << 63n;
/** Where an entry without R, W and X points to: zeros. (A table where there is no memory is an access fault; QEMU has a page fault.) */
const EMPTY_TABLE = BigInt(FREE + 0x1_0000) >> 12n;
const lowBits = [0x01n, 0x03n, 0x05n, 0x07n, 0x09n, 0x0bn, 0x0dn, 0x0fn, 0x00n, 0x0en] as const;
const statusBits = { U: 0x10n, A: 0x40n, D: 0x80n };
/** Not memory type 3: the manual says that it faults, QEMU takes it. */
const highBits = [0n, 0n, 0n, 0n, 1n << 54n, 1n << 60n, 1n << 61n, 2n << 61n, NAPOT] as const;

const MPRV = 1n << 17n;
const SUM = 1n << 18n;
const MXR = 1n << 19n;
const SUPERVISOR = 1n << 11n;

/** QEMU loads before it stores: where it may not store it has set A. */
const AMO = 'amoadd.d a0,a0,(a1)';

const size = (level: number): bigint => 1n << BigInt(12 + 9 * level);

const links = [1, 2, 3, 4].map((level) => ({
  address: table(level) + LINK * 8,
  data: new Uint8Array(BigUint64Array.of((BigInt(table(level - 1)) >> 2n) | V).buffer),
}));

/** A load or store through one random leaf, and what the walk has made of the leaf. */
function experiment(next: () => number, updates: boolean): Experiment[] {
  const pick = <T>(values: readonly T[]): T => values[next() % values.length]!;
  const levels = pick([3, 4, 5]);
  const level = next() % levels;
  const base = BigInt(bases[level]!);
  let address = BigInt(LEAF) * size(level) + (BigInt(TARGET) - base);
  for (let above = level + 1; above < levels; above++) address += BigInt(LINK) * size(above);
  const low = pick(lowBits);
  let entry = low | pick(highBits);
  for (const bit of Object.values(statusBits)) if (next() % 3 > 0) entry |= bit;
  let misaligned = next() % 8 === 0 ? pick([1n, 8n, 1n << 8n]) : next() % 4 === 0 ? 8n : 0n;
  if (updates && entry & NAPOT) {
    // QEMU sets A and D before it sees that a NAPOT encoding is reserved.
    if (level === 0) misaligned = 8n;
    else entry &= ~NAPOT;
  }
  entry |= ((low === V ? EMPTY_TABLE : base >> 12n) + misaligned) << 10n;
  if (next() % 16 === 0) address |= 1n << BigInt(38 + (next() % 26));
  const a6 = BigInt(table(level) + LEAF * 8);
  const root = BigInt(table(levels - 1)) >> 12n;
  const status = MPRV | pick([SUPERVISOR, 0n]) | pick([0n, SUM]) | pick([0n, MXR]);
  const access = pick(['ld a0,0(a1)', 'sd a0,0(a1)', 'lr.d a0,(a1)', ...(updates ? [] : [AMO])]);
  return [
    {
      code: `sd a5,0(a6)\ncsrw satp,a4\nsfence.vma\ncsrw mstatus,a3\n${access}\ncsrw mstatus,zero`,
      x: { a1: address, a3: status, a4: (BigInt(levels + 5) << 60n) | root, a5: entry, a6 },
    },
    { code: 'ld a5,0(a6)\nsd zero,0(a6)', x: { a6 } },
  ];
}

describe('page tables on QEMU and here', function () {
  this.timeout(120_000);
  before(function () {
    if (!hasQemu) this.skip(); // Needs a qemu-system-riscv64 whose harts can be put together.
  });

  for (const adue of [0n, 1n]) {
    for (const seed of SEEDS) {
      it(`translate and fault alike in Sv39, Sv48 and Sv57, menvcfg.ADUE = ${adue}, seed ${seed}`, () => {
        const next = xorshift(seed);
        const environment = (3n << 61n) & ~((1n - adue) << 61n);
        compareWithQemu(
          [
            { code: 'csrw menvcfg,a0', x: { a0: environment } },
            ...Array.from({ length: EXPERIMENTS }, () => experiment(next, adue === 1n)).flat(),
          ],
          { segments: links },
        );
      });
    }
  }
});
