import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MemoryWatchpoint, RunStop } from './api';
import { Machine } from './machine';
import { modes, randomProgram, ROOT, type RandomProgram } from './random-program.test-support';
import { stepWatching, type Seen } from './watch-reference.test-support';

const EAGER = 0;
const STEPS = 4000;

/** Where random programs have data: of all harts, of each, once more in the window, and among their code. */
const places = [0x8001_0400, 0x8001_2000, 0x8001_2800, 0x8001_3000, 0x8001_4800, 0x4001_0000, 0x8000_0000];

const watchpoint: fc.Arbitrary<Omit<MemoryWatchpoint, 'id'>> = fc
  .record({
    place: fc.constantFrom(...places),
    distance: fc.oneof(fc.integer({ min: -8, max: 8 }), fc.integer({ min: -2048, max: 2048 })),
    length: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.constantFrom(300, 1500, 4096, 9000)),
    access: fc.constantFrom('read', 'write', 'read-write', 'physical'),
  })
  .map(({ place, distance, length, access }) => {
    const about = { kind: 'memory', length } as const;
    const address = BigInt(Math.max(place + distance, place & -4096));
    // What changes is seen from outside by physical address alone.
    return access === 'physical'
      ? { ...untilTables(0x8000_0000n + (address & 0x1_ffffn), length), space: 'physical', access: 'change' }
      : { ...about, address, space: 'virtual', access };
  });

/** Page tables change at page walks, which are not reported. */
const untilTables = (address: bigint, length: number) => ({
  kind: 'memory' as const,
  address,
  length: Math.min(length, ROOT - Number(address)),
});

interface Case {
  readonly made: RandomProgram;
  readonly harts: number;
  readonly watchpoints: readonly MemoryWatchpoint[];
  readonly budgets: readonly number[];
}

const build = ({ made: { image }, harts }: Case, translate: boolean): Machine =>
  new Machine({ image, harts, firmware: 'none', memory: 1 << 20, translate }, EAGER);

/** What a machine reports that is told to watch. */
function report(machine: Machine, { watchpoints, budgets }: Case, late: number): Seen[] {
  const seen: Seen[] = [];
  for (let turn = 0; machine.instructions < STEPS; turn++) {
    // From some point on: what was translated and cached before does not know of it.
    if (machine.instructions >= late) machine.setWatchpoints(watchpoints);
    const left = machine.instructions < late ? late : STEPS;
    const budget = Math.min(budgets[turn % budgets.length]!, left - machine.instructions);
    seen.push(...seenIn(machine.run({ budget }), machine));
  }
  return seen;
}

function seenIn(stop: RunStop, { instructions, harts }: Machine): Seen[] {
  if (stop.kind !== 'watch') return [];
  const ids = new Set<number>();
  return stop.hits.flatMap(({ id, hart, pc }) => {
    // The parts of an access that crosses pages are hits of their own.
    if (ids.has(id)) return [];
    ids.add(id);
    assert.ok(hart !== undefined && pc !== undefined);
    assert.notEqual(harts[hart]!.pc, undefined);
    return [{ after: instructions, hart, pc, id }];
  });
}

const inOrder = (seen: readonly Seen[]): string[] =>
  seen
    .map(
      ({ after, hart, pc, id }) =>
        `${String(after).padStart(6)} hart ${hart} ${pc.toString(16)} watchpoint ${id}`,
    )
    .sort();

describe('watchpoints on random programs', function () {
  this.timeout(240_000);

  for (const harts of [1, 3]) {
    it(`report what single steps show, and change nothing, with ${harts} hart${harts > 1 ? 's' : ''}`, () => {
      let hits = 0;
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 0x7fff_ffff }),
          fc.constantFrom(...modes),
          fc.array(watchpoint, { minLength: 1, maxLength: 6 }),
          fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 900 })), {
            minLength: 1,
            maxLength: 8,
          }),
          fc.constantFrom(0, 0, 1000),
          (seed, mode, chosen, budgets, late) => {
            const watchpoints = chosen.map((one, id) => ({ ...one, id }));
            const made = randomProgram({ seed, mode, guarded: seed % 6 === 0 });
            const subject = { made, harts, watchpoints, budgets };
            const reference = build(subject, false);
            const expected: Seen[] = [];
            while (reference.instructions < STEPS) {
              const seen = stepWatching(reference, watchpoints);
              if (reference.instructions > late) expected.push(...seen);
            }
            for (const translate of [false, true]) {
              const machine = build(subject, translate);
              const seen = report(machine, subject, late);
              assert.deepEqual(inOrder(seen), inOrder(expected), translate ? 'translated' : 'interpreted');
              assert.equal(machine.digest(), reference.digest(), translate ? 'translated' : 'interpreted');
            }
            hits += expected.length;
          },
        ),
        { numRuns: 25 },
      );
      // Random as the programs are: some hundred at least.
      assert.ok(hits > 100, `${hits} hits`);
    });
  }
});
