import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Privilege, type AddressRange, type HartView, type Text } from './api';
import { Machine } from './machine';
import { modes, randomProgram, type RandomProgram } from './random-program.test-support';

const EAGER = 0;
const STEPS = 4000;
const END = 1n << 64n;

/** What is no text: from near an address of the program on, or pages. */
interface Hole {
  readonly pick: number;
  readonly distance: number;
  /** Bytes. */
  readonly length: number;
  readonly isOfPages: boolean;
}

interface Case {
  readonly made: RandomProgram;
  readonly harts: number;
  readonly text: Text;
  readonly budgets: readonly number[];
}

interface Stray {
  /** Instructions of the machine before it. */
  readonly before: number;
  readonly hart: number;
  readonly pc: bigint;
  /** The instruction before; `undefined` if none led there, or the machine does not know. */
  readonly from: bigint | undefined;
}

const hole: fc.Arbitrary<Hole> = fc.record({
  pick: fc.nat(1 << 20),
  distance: fc.integer({ min: -6, max: 6 }).map((halfwords) => halfwords * 2),
  length: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1500 })).map((n) => n * 2),
  isOfPages: fc.boolean(),
});

function without(holes: readonly Hole[], addresses: readonly bigint[]): AddressRange[] {
  const gaps = holes.map(({ pick, distance, length, isOfPages }) => {
    const start = addresses[pick % addresses.length]! + BigInt(distance);
    return isOfPages
      ? { start: start & ~0xfffn, end: (start & ~0xfffn) + 0x1000n }
      : { start, end: start + BigInt(length) };
  });
  const bounds = [...new Set([0n, END, ...gaps.flatMap(({ start, end }) => [start, end])])].sort((a, b) =>
    a < b ? -1 : 1,
  );
  return bounds
    .slice(1)
    .map((end, index) => ({ start: bounds[index]!, end }))
    .filter((range) => !gaps.some(({ start, end }) => start <= range.start && range.end <= end));
}

const build = ({ made: { image }, harts }: Case, translate: boolean): Machine =>
  new Machine({ image, harts, firmware: 'none', memory: 1 << 20, translate }, EAGER);

const has = (ranges: readonly AddressRange[], address: bigint): boolean =>
  ranges.some(({ start, end }) => address >= start && address < end);

/** What of a hart says before a step what it is going to be. */
interface Before extends Pick<HartView, 'pc' | 'privilege' | 'instret' | 'lastTrap'> {
  readonly physical: number | undefined;
}

const before = ({ pc, privilege, instret, lastTrap }: HartView, physical: number | undefined): Before => ({
  pc,
  privilege,
  instret,
  lastTrap,
  physical,
});

/** Whether the step that a hart has gone executed what is outside the text; a fetch that fails and an interrupt execute nothing. */
function wentAstray({ pc, physical, privilege, lastTrap }: Before, hart: HartView, text: Text): boolean {
  if (privilege === Privilege.user || has(text.virtual, pc)) return false;
  if (physical !== undefined && has(text.physical, BigInt(physical))) return false;
  const taken = hart.lastTrap === lastTrap ? undefined : hart.lastTrap;
  if (!taken) return true;
  return taken.cause >> 63n === 0n && !([1n, 12n].includes(taken.cause) && taken.tval === pc);
}

const placeOf = (hart: HartView): number | undefined =>
  hart.privilege === Privilege.machine ? Number(hart.pc) : hart.translate(hart.pc);

/** Goes step by step, without the machine's help. */
function reference(machine: Machine, { text }: Case, late: number): Stray[] {
  const astray = machine.harts.map(() => false);
  const last = machine.harts.map((): bigint | undefined => undefined);
  const strays: Stray[] = [];
  while (machine.instructions < STEPS) {
    const { instructions } = machine;
    const states = machine.harts.map((hart) => before(hart, placeOf(hart)));
    machine.run({ budget: 1 });
    machine.harts.forEach((hart, id) => {
      const state = states[id]!;
      if (hart.instret === state.instret) return;
      const isAstray = instructions >= late && wentAstray(state, hart, text);
      if (isAstray && !astray[id])
        strays.push({ before: instructions, hart: id, pc: state.pc, from: last[id] });
      astray[id] = isAstray;
      last[id] = hart.lastTrap === state.lastTrap ? state.pc : undefined;
    });
  }
  return strays;
}

function report(machine: Machine, { text, budgets }: Case, late: number): Stray[] {
  const strays: Stray[] = [];
  let isSet = false;
  for (let turn = 0; machine.instructions < STEPS; turn++) {
    // From some point on: what was translated and cached before does not know of it.
    if (!isSet && machine.instructions >= late) {
      machine.setText(text);
      isSet = true;
    }
    const left = machine.instructions < late ? late : STEPS;
    const budget = Math.min(budgets[turn % budgets.length]!, left - machine.instructions);
    const stop = machine.run({ budget });
    if (stop.kind !== 'stray') continue;
    const { hart, pc, from } = stop;
    assert.equal(machine.harts[hart]!.pc, pc);
    strays.push({ before: machine.instructions, hart, pc, from });
  }
  return strays;
}

const lines = (strays: readonly Omit<Stray, 'from'>[]): string[] =>
  strays.map(({ before, hart, pc }) => `after ${before} hart ${hart} at ${pc.toString(16)}`);

describe('text of random programs', function () {
  this.timeout(240_000);

  for (const harts of [1, 3]) {
    it(`is left where single steps leave it, and nothing changes, with ${harts} hart${harts > 1 ? 's' : ''}`, () => {
      let strays = 0;
      fc.assert(
        fc.property(
          fc.record({
            seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
            mode: fc.constantFrom(...modes),
            guarded: fc.nat(5).map((chance) => chance === 0),
          }),
          fc.array(hole, { minLength: 3, maxLength: 9 }),
          fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 900 })), {
            minLength: 1,
            maxLength: 8,
          }),
          fc.constantFrom(0, 0, 700, 2500),
          fc.constantFrom<readonly (keyof Text)[]>(['virtual'], ['physical'], ['virtual', 'physical']),
          (options, holes, budgets, late, kinds) => {
            const made = randomProgram(options);
            const ranges = without(holes, made.addresses);
            const text: Text = {
              virtual: kinds.includes('virtual')
                ? ranges.filter((_, index) => kinds.length < 2 || index % 2)
                : [],
              physical: kinds.includes('physical') ? ranges : [],
            };
            const one: Case = { made, harts, text, budgets };
            const stepped = build(one, false);
            const expected = reference(stepped, one, late);
            strays += expected.length;
            for (const translate of [false, true]) {
              const machine = build(one, translate);
              const seen = report(machine, one, late);
              assert.deepEqual(lines(seen), lines(expected), `translate ${translate}`);
              seen.forEach(({ from, ...stray }, index) => {
                if (from === undefined) return;
                assert.equal(from, expected[index]!.from, `${lines([stray])[0]}, translate ${translate}`);
              });
              assert.equal(machine.digest(), stepped.digest());
            }
          },
        ),
        { numRuns: 14 },
      );
      assert.ok(strays > 20, `${strays} strays`);
    });
  }
});
