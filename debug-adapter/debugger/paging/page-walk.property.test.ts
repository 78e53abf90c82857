/** Our walk as data beside the walk that the emulator does, on random page tables. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Privilege } from '../../../emulator/api';
import { GuestMemory, RAM_BASE } from '../../../emulator/core/guest-memory';
import { PageWalker, type AddressSpace } from '../../../emulator/core/page-walker';
import { Pmp } from '../../../emulator/core/pmp';
import { accesses, rightTo, type Access } from './page-rights';
import { walkPages, type PageTables } from './page-walk';
import { pmpEntries, pmpVerdict } from './pmp';
import type { PagingMode } from './satp';

const memory = new GuestMemory(1 << 20);
const walker = new PageWalker(memory);
/** The tables, one of each level, and a page that nothing maps. */
const table = (level: number): number => RAM_BASE + 0x1_0000 + level * 4096;
const names = { 3: 'Sv39', 4: 'Sv48', 5: 'Sv57' } as const;
const accessNames = { load: 'read', store: 'write', fetch: 'execute' } as const;

const SUM = 1 << 18;
const MXR = 1 << 19;

/** Flags as they are met, and all of them; high bits mostly clear. */
const entryBits = fc
  .tuple(
    fc.oneof(fc.constantFrom(0xcf, 0xc7, 0xdf, 0xd7, 0x4b, 0x05, 0x01), fc.integer({ min: 0, max: 0x3ff })),
    // What it points to: a table of ours, an aligned page of some level, or anything.
    fc.oneof(
      fc.integer({ min: 0, max: 4 }).map((level) => BigInt(table(level)) >> 12n),
      fc
        .tuple(fc.bigInt(0n, (1n << 20n) - 1n), fc.constantFrom(0n, 9n, 18n, 27n, 36n))
        .map(([page, shift]) => (page << shift) & ((1n << 44n) - 1n)),
      fc.bigInt(0n, (1n << 20n) - 1n).map((page) => (page << 4n) | 8n),
      fc.bigInt(0n, (1n << 44n) - 1n),
    ),
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(0n) },
      { weight: 2, arbitrary: fc.constantFrom(1n << 63n, 1n << 61n, 1n << 62n, 3n << 61n) },
      { weight: 1, arbitrary: fc.bigInt(0n, 0x3ffn).map((bits) => bits << 54n) },
    ),
  )
  .map(([low, ppn, high]) => BigInt(low) | (ppn << 10n) | high);

/** Most entries lead on to the next table, so that walks get deep. */
const level = fc.record({
  leads: fc.integer({ min: 0, max: 3 }).map((die) => die > 0),
  entry: entryBits,
  index: fc.integer({ min: 0, max: 511 }),
});

const experiment = fc.record({
  levels: fc.constantFrom<PagingMode['levels']>(3, 4, 5),
  tables: fc.array(level, { minLength: 5, maxLength: 5 }),
  offset: fc.bigInt(0n, 4095n),
  /** Makes some addresses not canonical. */
  noise: fc.oneof(
    { weight: 9, arbitrary: fc.constant(0n) },
    { weight: 1, arbitrary: fc.bigInt(0n, (1n << 64n) - 1n) },
  ),
  napot: fc.boolean(),
  pbmte: fc.boolean(),
  adue: fc.boolean(),
  sum: fc.boolean(),
  mxr: fc.boolean(),
  privilege: fc.constantFrom<'user' | 'supervisor'>('user', 'supervisor'),
  /** Configuration bytes and addresses of three entries, the last of which usually allows everything. */
  pmp: fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 0x40 })), {
    maxLength: 2,
  }),
});

describe('page walks as data', () => {
  it("come to the same page or fault as the emulator's, for each access", () => {
    let mapped = 0;
    fc.assert(
      fc.property(experiment, (given) => {
        const root = table(given.levels - 1);
        let address = 0n;
        given.tables.slice(0, given.levels).forEach(({ index, entry, leads }, at) => {
          const bits = leads && at > 0 ? (BigInt(table(at - 1)) >> 2n) | 1n : entry;
          const cell = table(at) + index * 8;
          memory.write(cell, new Uint8Array(BigUint64Array.of(bits).buffer));
          address |= BigInt(index) << BigInt(12 + 9 * at);
        });
        const bits = 12 + 9 * given.levels;
        address =
          BigInt.asUintN(64, BigInt.asIntN(bits, address | given.offset)) ^
          ((given.noise >> BigInt(bits - 1)) << BigInt(bits - 1));

        const pmp = new Pmp();
        let config = 0n;
        given.pmp.forEach(([byte, where], entry) => {
          config |= BigInt(byte) << BigInt(entry * 8);
          // Around the tables, in steps of a quarter of a page.
          pmp.writeAddress(entry, BigInt((RAM_BASE + 0xf000 + where * 0x400) / 4) | 0x7fn);
        });
        pmp.writeAddress(7, (1n << 54n) - 1n);
        pmp.writeConfig(0, config | (0x1fn << 56n));

        const space: AddressSpace = {
          levels: given.levels,
          root,
          mstatus: (given.sum ? SUM : 0) | (given.mxr ? MXR : 0),
          pmp,
          napot: given.napot,
          pbmte: given.pbmte,
          adue: given.adue,
        };
        const entries = pmpEntries((csr) =>
          csr >= 0x3b0 && csr < 0x3c0
            ? pmp.readAddress(csr - 0x3b0)
            : csr === 0x3a0
              ? pmp.readConfig(0)
              : csr === 0x3a2
                ? pmp.readConfig(8)
                : undefined,
        );
        const tables: PageTables = {
          mode: { name: names[given.levels], levels: given.levels },
          root: BigInt(root),
          napot: given.napot,
          pbmte: given.pbmte,
          readWord: (at) => {
            const bytes = memory.read(Number(at), 8);
            return bytes && new DataView(bytes.buffer).getBigUint64(0, true);
          },
          mayRead: (at) => pmpVerdict(entries, at, 8, 'load', 'supervisor').allowed,
        };
        const privilege = Privilege[given.privilege];
        for (const access of accesses) {
          const { levels, outcome } = walkPages(address, tables);
          const ours = (() => {
            if (outcome.kind === 'fault') return outcome.fault;
            const right = rightTo(access, outcome.page.entry, given);
            if (!right.allowed) return 'page';
            // The hart writes A and D, for which PMP must let it write.
            if (
              right.sets !== '' &&
              !pmpVerdict(entries, levels.at(-1)!.at, 8, 'store', 'supervisor').allowed
            )
              return 'access';
            mapped++;
            return {
              physical: Number(outcome.physical - (address & 4095n)),
              mapped: Number(outcome.page.size),
            };
          })();
          const theirs = walker.walk(
            Number(BigInt.asIntN(32, address >> 32n)),
            Number(BigInt.asIntN(32, address)),
            accessNames[access],
            privilege,
            space,
          );
          assert.deepEqual(
            ours,
            typeof theirs === 'string' ? theirs : { physical: theirs.physical, mapped: theirs.mapped },
            `${access} ${address.toString(16)}`,
          );
          checkPmp(pmp, entries, access, outcome.kind === 'mapped' ? outcome.physical : BigInt(root));
        }
      }),
      { numRuns: 5000 },
    );
    // About 1000 are; far fewer, and the tables are not such that walks arrive.
    assert.ok(mapped > 400, `only ${mapped} accesses were mapped`);
  });
});

function checkPmp(pmp: Pmp, entries: ReturnType<typeof pmpEntries>, access: Access, address: bigint): void {
  for (const name of ['user', 'supervisor', 'machine'] as const) {
    for (const length of [1, 8]) {
      assert.equal(
        pmpVerdict(entries, address, length, access, name).allowed,
        pmp.allows(Number(address), length, accessNames[access], Privilege[name]),
        `PMP ${access} ${address.toString(16)} ${name}`,
      );
    }
  }
}
