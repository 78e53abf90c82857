import { ValueType } from './code';
import type { I32, I64, Local, Statement } from './expression';
import { call, i32, i64, ifElse, sequence, valueAfter } from './expression';
import { typedFunction } from './function';
import { State } from './layout';
import { encodeModule } from './module';

/**
 * What translated code does where the TLB does not know an address: functions of their own, which keeps the code at each access short. They tell
 * TypeScript where the access stands, and its caller by `State.outcome` how it went.
 */

/** Where an access stands in its page, as one number. */
export const siteOf = (offset: number, length: 2 | 4, after: number): number =>
  offset | (length === 4 ? 1 << LENGTH_BIT : 0) | (after << AFTER_SHIFT);
const LENGTH_BIT = 12;
const AFTER_SHIFT = 13;
const OFFSET_MASK = 0xfff;

const zero = i32.constant(0);

const imported = [
  { name: 'load', type: { parameters: [ValueType.i32], results: [] } },
  { name: 'store', type: { parameters: [ValueType.i32], results: [] } },
] as const;
const load = call<Statement>(0);
const store = call<Statement>(1);

type Parameters = readonly [
  /** Virtual address of the page of code. */
  page: Local<I64>,
  site: Local<I32>,
  /** Steps left after the block. */
  budget: Local<I32>,
  /** Number of the kind of load, or size of the store. */
  kind: Local<I32>,
  address: Local<I64>,
];

/**
 * Does the access between saying where it stands and looking what became of it. The region is to be left behind the instruction if TypeScript
 * wants the run to end, because of an interrupt, say, or if a region was dropped, which may be this one: its code was written by this very
 * instruction, or by the page walk for it.
 */
function access(
  [page, site, budget, kind, address]: Parameters,
  left: Local<I32>,
  ask: (kind: I32) => Statement,
) {
  const pc = i64.add(page.get, i64.zeroExtend32(i32.and(site.get, i32.constant(OFFSET_MASK))));
  const length = i32.add(
    i32.constant(2),
    i32.and(i32.shrU(site.get, i32.constant(LENGTH_BIT - 1)), i32.constant(2)),
  );
  const steps = i32.add(budget.get, i32.shrU(site.get, i32.constant(AFTER_SHIFT)));
  const stateBudget = i32.load(zero, State.budget);
  const outcome = (value: number) => i32.store(zero, i32.constant(value), State.outcome);
  return sequence(
    i64.store(zero, pc, State.pc),
    i32.store(zero, left.tee(steps), State.budget),
    i64.store(zero, address.get, State.address),
    ask(kind.get),
    ifElse(
      i32.and(i32.eq(stateBudget, left.get), i32.eqz(i32.load(zero, State.regionDropped))),
      outcome(0),
      ifElse(
        i32.ltS(stateBudget, zero),
        outcome(-1),
        sequence(
          i32.store(zero, zero, State.regionDropped),
          i64.store(zero, i64.add(pc, i64.zeroExtend32(length)), State.pc),
          outcome(1),
        ),
      ),
    ),
  );
}

const operands = ['i64', 'i32', 'i32', 'i32', 'i64'] as const;

export const slowFunctions = {
  /** What the register holds comes last, and is left if the load has trapped. */
  slowLoad: typedFunction([...operands, 'i64'], 'i64', ([page, site, budget, kind, address, old], local) =>
    valueAfter(
      access([page, site, budget, kind, address], local('i32'), load),
      i64.select(old.get, i64.load(zero, State.value), i32.ltS(i32.load(zero, State.outcome), zero)),
    ),
  ),
  /** The value comes last; leaves the outcome. */
  slowStore: typedFunction([...operands, 'i64'], 'i32', ([page, site, budget, kind, address, value], local) =>
    valueAfter(
      sequence(
        i64.store(zero, value.get, State.value),
        access([page, site, budget, kind, address], local('i32'), store),
      ),
      i32.load(zero, State.outcome),
    ),
  ),
};

/** Generates their module. */
export const generateSlowModule = (memoryPages: number): Uint8Array<ArrayBuffer> =>
  encodeModule({
    importModule: 'core',
    memory: { name: 'memory', pages: memoryPages },
    imports: imported,
    exports: Object.entries(slowFunctions).map(([name, { body }]) => ({ name, body })),
  });
