import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TrapFilter } from './api';
import { Machine } from './machine';
import { modes, randomProgram, type ProgramOptions, type RandomProgram } from './random-program.test-support';

/** All that is executed is translated as soon as it is seen. */
const EAGER = 0;

const allTraps: TrapFilter = {
  exceptionsFromUser: -1n,
  exceptionsFromKernel: -1n,
  interrupts: -1n,
};

/** What a debugger does to a machine between its own instructions. */
type Action =
  | { readonly kind: 'run'; readonly budgets: readonly number[] }
  | { readonly kind: 'step'; readonly hart: number; readonly instructions: number; readonly hold: boolean }
  | { readonly kind: 'breakpoints'; readonly picks: readonly number[] }
  | { readonly kind: 'traps'; readonly stop: boolean }
  | { readonly kind: 'write'; readonly pick: number; readonly word: number }
  | { readonly kind: 'register'; readonly hart: number; readonly index: number; readonly value: bigint };

const some = fc.nat(1 << 20);
const hart = fc.nat(2);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      budgets: fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 900 })), {
        minLength: 1,
        maxLength: 12,
      }),
    }),
  },
  fc.record({
    kind: fc.constant('step' as const),
    hart,
    instructions: fc.integer({ min: 1, max: 60 }),
    hold: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('breakpoints' as const), picks: fc.array(some, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('traps' as const), stop: fc.boolean() }),
  fc.record({
    kind: fc.constant('write' as const),
    pick: some,
    word: fc.constantFrom(0x13, 0x73, 0x0001_0001),
  }),
  fc.record({
    kind: fc.constant('register' as const),
    hart,
    index: fc.nat(31),
    value: fc.bigInt(0n, 1n << 64n),
  }),
);

const options: fc.Arbitrary<ProgramOptions> = fc.record({
  seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
  mode: fc.constantFrom(...modes),
  guarded: fc.nat(5).map((chance) => chance === 0),
});

/** A machine and what has been seen of it. */
class Subject {
  readonly machine: Machine;
  readonly #addresses: readonly bigint[];

  constructor({ image, addresses }: RandomProgram, harts: number, translate: boolean) {
    this.machine = new Machine({ image, harts, firmware: 'none', memory: 1 << 20, translate }, EAGER);
    this.#addresses = addresses;
  }

  /** Does it and leaves all that a debugger sees of its course. */
  do(action: Action): string {
    const { machine } = this;
    const hart = machine.harts['hart' in action ? action.hart % machine.harts.length : 0]!;
    switch (action.kind) {
      case 'run':
        return action.budgets.map((budget) => this.#run({ budget })).join('\n');
      case 'step': {
        const step = { hart: hart.id, instructions: action.instructions };
        return this.#run({ budget: 5000, step, ...(action.hold ? { holdInterrupts: hart.id } : {}) });
      }
      case 'breakpoints': {
        machine.setBreakpoints(action.picks.map((pick) => this.#address(pick)));
        return '';
      }
      case 'traps': {
        machine.setTrapFilter(action.stop ? allTraps : undefined);
        return '';
      }
      case 'write': {
        const address = Number(BigInt.asUintN(16, this.#address(action.pick))) + 0x8000_0000;
        machine.writePhysical(address, new Uint8Array(Uint32Array.of(action.word).buffer));
        return '';
      }
      case 'register': {
        // Not a device's or the code's address in a pointer, but anything in the others.
        if (![0, 2, 25, 26, 27].includes(action.index)) hart.setX(action.index, action.value);
        return '';
      }
    }
  }

  #address(pick: number): bigint {
    return this.#addresses[pick % this.#addresses.length]!;
  }

  #run(request: Parameters<Machine['run']>[0]): string {
    const { machine } = this;
    const stop = machine.run(request);
    const harts = machine.harts.map(
      ({ pc, instret, privilege }) => `${pc.toString(16)} ${instret} ${privilege}`,
    );
    const text = JSON.stringify(stop, (_, value: unknown) =>
      typeof value === 'bigint' ? value.toString(16) : value,
    );
    return `${text} ${machine.instructions} ${harts.join(', ')}`;
  }
}

describe('random programs in a machine', function () {
  this.timeout(240_000);

  for (const harts of [1, 2, 3]) {
    it(`run translated as they are interpreted, with ${harts} hart${harts > 1 ? 's' : ''}, whatever a debugger does`, () => {
      let translated = 0;
      let interpreted = 0;
      fc.assert(
        fc.property(options, fc.array(action, { minLength: 15, maxLength: 40 }), (program, actions) => {
          const made = randomProgram(program);
          const expected = new Subject(made, harts, false);
          const subject = new Subject(made, harts, true);
          actions.forEach((action, index) => {
            assert.equal(subject.do(action), expected.do(action), `action ${index}`);
            if (index % 4 === 3 || index === actions.length - 1)
              assert.equal(
                subject.machine.digest(),
                expected.machine.digest(),
                `digest after action ${index}`,
              );
          });
          const { inRegions = 0, interpreted: others = 0 } = subject.machine.translation ?? {};
          translated += inRegions;
          interpreted += others;
        }),
        { numRuns: 20 },
      );
      assert.ok(translated > 200, `${translated} of ${translated + interpreted} samples in translated code`);
    });
  }
});
