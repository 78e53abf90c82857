import { regionType } from '../translator/region-frame';
import { CodeBuffer } from './code';
import type { I32, I64, Label, Statement } from './expression';
import {
  branchTo,
  callIndirect,
  dispatch,
  i32,
  i64,
  ifElse,
  ifThen,
  loop,
  returnFromFunction,
  sequence,
  valueAfter,
} from './expression';
import type { Continuations, MachineTraits } from './frame';
import {
  address,
  budget,
  delta,
  entry,
  exitAt,
  findTlbEntry,
  host,
  localTypes,
  moveTo,
  noPage,
  page,
  pc,
  save,
  saveAt,
  temporaries,
  tlbEntry,
  translation,
  uncount,
  zero,
} from './frame';
import { HandlerEmitter } from './handler-emitter';
import { Handler, variants } from './handlers';
import { importedFunctions, imports } from './imports';
import { Entry, OneOff, State, Tlb } from './layout';
import { encodeModule } from './module';

/**
 * Generates the interpreter: a module that imports `InterpreterImports` and the memory of `layout.ts`, and exports `run`, which
 * executes from `State.pc` until `State.budget` steps are used up or an import ends the run.
 *
 *     jump:  find the decoded page and the entry of `address`
 *     next:  take a step off, return if there is none, continue at the entry's handler
 *     handlers, each of which ends in a branch to `next` or `jump`
 */
export function generateInterpreter(memoryPages: number, machine: MachineTraits): Uint8Array<ArrayBuffer> {
  const body = sequence(
    budget.set(i32.load(zero, State.budget)),
    translation.set(i32.load(zero, State.translation)),
    address.set(i64.load(zero, State.pc)),
    delta.set(noPage),
    loop((jump) =>
      sequence(
        findEntry,
        ifThen(
          i32.eq(i32.load16U(entry.get, Entry.handler), i32.constant(Handler.translated)),
          enterRegion(jump),
        ),
        loop((next) =>
          sequence(
            budget.set(i32.sub(budget.get, i32.constant(1))),
            ifThen(
              i32.ltS(budget.get, zero),
              uncount,
              ifThen(i32.eqz(i32.load(zero, State.ranOutAt)), i32.store(zero, entry.get, State.ranOutAt)),
              exitAt(pc),
            ),
            dispatch(i32.load16U(entry.get, Entry.handler), handlers({ next, jump, ...machine })),
          ),
        ),
      ),
    ),
  );
  const code = new CodeBuffer();
  body(code);
  return encodeModule({
    importModule: 'core',
    memory: { name: 'memory', pages: memoryPages },
    table: { name: 'regions', type: regionType },
    imports: importedFunctions.slice(0, code.imports),
    exports: [{ name: 'run', body: { type: { parameters: [], results: [] }, locals: localTypes, code } }],
  });
}

const pageOffset: I32 = i32.and(i32.wrap(address.get), i32.constant(0xffe));
const entryAddress = (decoded: I32): I64 => i64.zeroExtend32(i32.shrU(decoded, i32.constant(3)));

/** `page` in one-off slots; it is 0 when a run begins. */
const ONE_OFF_PAGE = 8;
const FIRST_PAGE_SHIFT = 4;

/** Finds `page`, `delta` and `entry` for `address`. A fetch that can trap needs a step left, which the trap takes. */
const findEntry: Statement = (() => {
  const virtualPage = temporaries[0]!;
  const from = host;
  const miss = sequence(
    // Where a run begins, control comes from nowhere: the run before has noted it.
    ifThen(from.get, i64.store(zero, pc, State.origin), i32.store(zero, entry.get, State.originEntry)),
    ifThen(i32.eqz(budget.get), exitAt(address.get)),
    saveAt(address.get),
    ifThen(i32.eqz(page.tee(imports.fetch())), returnFromFunction),
  );
  const enterPage = sequence(
    ifElse(
      i64.eq(i64.load(findTlbEntry, Tlb.fetch), virtualPage.get),
      page.set(i32.load(tlbEntry.get, Tlb.fetch + Tlb.target)),
      miss,
    ),
    delta.set(i64.sub(virtualPage.get, entryAddress(page.get))),
  );
  return sequence(
    from.set(page.get),
    ifThen(
      i64.ne(
        virtualPage.tee(i64.and(address.get, i64.constant(-4096))),
        i64.add(delta.get, entryAddress(page.get)),
      ),
      enterPage,
    ),
    moveTo(i32.add(page.get, i32.shl(pageOffset, i32.constant(3)))),
    // A run that begins, or goes on behind an instruction that was executed alone, is no arrival.
    ifThen(i32.shrU(from.get, i32.constant(FIRST_PAGE_SHIFT)), i32.store(zero, entry.get, State.arrivedAt)),
  );
})();

/** Moves to the one-off slot `host`, whose entry stands for the same pc as the current one. */
const moveToOneOff: Statement = sequence(
  delta.set(i64.sub(pc, entryAddress(host.get))),
  // `delta` is even, so with this no page address fits and the next jump looks its target up.
  page.set(i32.constant(ONE_OFF_PAGE)),
  moveTo(host.get),
);
const enterOneOff = ({ next }: Continuations): Statement => sequence(moveToOneOff, branchTo(next));

/** Asks TypeScript for a one-off slot; it may have trapped or stopped instead. */
const askForOneOff = (request: (entry: I32) => I32): Statement =>
  sequence(save, ifThen(i32.eqz(host.tee(request(entry.get))), returnFromFunction));

/** The one-off slot of a straddling entry is still right if the next page is mapped to what it was made from. */
const straddle = (to: Continuations): Statement => {
  const slot = i32.load(entry.get, Entry.oneOff);
  const nextPage = i64.add(pc, i64.constant(2));
  const mapped = i64.eq(valueAfter(address.set(nextPage), i64.load(findTlbEntry, Tlb.fetch)), address.get);
  const samePage = i32.eq(
    i32.load(tlbEntry.get, Tlb.fetch + Tlb.target),
    i32.load(host.tee(slot), OneOff.next),
  );
  return sequence(
    uncount,
    ifThen(mapped, ifThen(samePage, enterOneOff(to))),
    askForOneOff(imports.straddle),
    enterOneOff(to),
  );
};

/**
 * Runs the region that begins here and jumps to where it ended. If it did nothing, because its first block needs more steps than are left or
 * its first instruction is not for it now, that instruction is to be executed alone.
 */
const enterRegion = (jump: Label): Statement => {
  const before = host;
  const run = callIndirect<I32>(REGION_TYPE)(
    i32.load16U(entry.get, Entry.region),
    i32.load16U(entry.get, Entry.selector),
    before.tee(budget.get),
    i64.add(delta.get, entryAddress(page.get)),
  );
  return sequence(
    ifThen(i32.ltS(budget.tee(run), zero), returnFromFunction),
    ifElse(
      i32.eq(budget.get, before.get),
      sequence(askForOneOff(imports.untranslated), moveToOneOff),
      sequence(address.set(i64.load(zero, State.pc)), branchTo(jump)),
    ),
  );
};

/** The table's type comes first in the module. */
const REGION_TYPE = 0;

/** Bodies of all handlers, in the order of `handlers.ts`. */
function handlers(to: Continuations): Statement[] {
  const illegal = new HandlerEmitter(4, false, to);
  return [
    sequence(uncount, save, imports.decode(entry.get), branchTo(to.next)),
    // The page is looked up again even if it is the same: behind an instruction of the guarded page it is.
    sequence(uncount, address.set(pc), delta.set(noPage), branchTo(to.jump)),
    straddle(to),
    sequence(uncount, askForOneOff(imports.breakpoint), enterOneOff(to)),
    sequence(uncount, address.set(pc), branchTo(to.jump)),
    sequence(illegal.perform('illegal'), illegal.fallThrough),
    ...variants.map(({ instruction, length, far }) => {
      const emitter = new HandlerEmitter(length, far, to);
      return sequence(instruction.semantics(emitter), emitter.fallThrough);
    }),
  ];
}
