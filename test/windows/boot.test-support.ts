/** A run of Linux that stops at each trap, twice: as it is taken, and when its record has been written. */
import assert from 'node:assert/strict';
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { hartState, memoryOf } from '../../debug-adapter/debugger/harts';
import { walkBy, type WalkChoice } from '../../debug-adapter/debugger/walks';
import type { HartState, WalkContext } from '../../debug-adapter/kernel/api';
import type { CallChain, TargetHart, Trap } from '../../debug-adapter/target/target';
import {
  metadataType,
  readMetadataType,
  readRecord,
  recordAddress,
} from '../../debug-adapter/unwind/frame-record';
import { isFromUser, readPtRegs } from '../../debug-adapter/unwind/pt-regs';
import { walkTrue } from '../../debug-adapter/unwind/true-walk';
import type { WalkResult } from '../../debug-adapter/unwind/types';
import { assertShown, compareWithTruth, type Explanation } from './differences.test-support';
import { FunctionCode } from '../../debug-adapter/debugger/function-code';
import type { Place } from '../../debug-adapter/debugger/windows';

const everything = (1n << 64n) - 1n;
/** SBI calls, which the firmware answers. */
const environmentCallFromSupervisor = 1n << 9n;
const [sp, s0] = [2, 8];

/** How many walks were compared, and in how many of them each window was met. */
interface Tally {
  walks: number;
  equal: number;
  readonly windows: Map<Explanation, number>;
}

export class Boot {
  readonly traps = { user: 0, kernel: 0 };
  /** Records that were written, by type; each has been compared with SPP of the trap's status. */
  readonly records = { final: 0, ptRegs: 0 };
  /** By the kernel's rules, and as it is shown by default. */
  readonly strict: Tally = { walks: 0, equal: 0, windows: new Map() };
  readonly shown: Tally = { walks: 0, equal: 0, windows: new Map() };
  readonly #debuggee: Debuggee;

  constructor(debuggee: Debuggee) {
    this.#debuggee = debuggee;
  }

  /** To the end. Fails at the first difference that no window explains, and at the first record of another type than SPP says. */
  async run(): Promise<void> {
    const { target, kernel } = this.#debuggee;
    target.setTrapFilter({
      exceptionsFromUser: everything,
      exceptionsFromKernel: everything & ~environmentCallFromSupervisor,
      interrupts: everything,
    });
    target.setBreakpoints(this.#callsOfHandler().flatMap((address) => kernel.runAddresses(address)));
    for (;;) {
      const stop = await target.run({ kind: 'continue' });
      if (stop.kind === 'trap') this.#atTrap(target.harts[stop.trap.hart]!, stop.trap);
      else if (stop.kind === 'breakpoint') this.#atRecord(target.harts[stop.hart]!);
      else {
        assert.equal(stop.kind, 'exit');
        return;
      }
    }
  }

  /** Where handle_exception calls C code: by then it has written its record. */
  #callsOfHandler(): readonly bigint[] {
    const { program, target, kernel } = this.#debuggee;
    // The MMU is off as yet.
    const pc = kernel.runAddresses(program.symbols.named('handle_exception')[0]!.address).at(-1)!;
    const code = FunctionCode.of(this.#debuggee, target.harts[0]!, { pc, isReturnAddress: false })!;
    const calls = [...code.instructions()].filter(({ flow }) => flow === 'call');
    assert.equal(calls.length, 2, 'it calls do_irq and what excp_vect_table has');
    return calls.map(({ address }) => address);
  }

  #atTrap(hart: TargetHart, trap: Trap): void {
    const { callChain } = hart;
    assert.ok(callChain && trap.to === 'supervisor');
    if (trap.from === 'user') {
      this.traps.user++;
      assert.deepEqual([callChain.transfers.length, callChain.origin.kind], [0, 'user']);
      return;
    }
    this.traps.kernel++;
    assert.equal(callChain.transfers[0]?.kind, 'trap');
    // Nothing has been executed yet: all registers but pc are those of what was interrupted.
    const interrupted: HartState = { ...hartState(hart), pc: trap.epc, privilege: trap.from };
    const chain = { ...callChain, transfers: callChain.transfers.slice(1) };
    this.#compare(hart, this.#debuggee.kernel.hartContext(interrupted, memoryOf(hart)), chain);
  }

  #atRecord(hart: TargetHart): void {
    const { kernel } = this.#debuggee;
    const memory = memoryOf(hart);
    const trap = hart.lastTrap;
    assert.ok(trap && hart.callChain);
    const record = readRecord(memory, recordAddress(hart.getX(s0)));
    assert.deepEqual([record?.fp, record?.ra], [0n, 0n]);
    assert.equal(record!.address, hart.getX(sp) + BigInt(kernel.layout.stackframe!));
    const regs = readPtRegs(memory, hart.getX(sp), kernel.layout);
    assert.ok(regs);
    assert.deepEqual([regs.epc, regs.cause, isFromUser(regs)], [trap.epc, trap.cause, trap.from === 'user']);
    const type = readMetadataType(memory, record!);
    assert.equal(type, trap.from === 'user' ? metadataType.final : metadataType.ptRegs);
    this.records[trap.from === 'user' ? 'final' : 'ptRegs']++;
    this.#compare(hart, kernel.hartContext(hartState(hart), memory), hart.callChain);
  }

  #compare(hart: TargetHart, context: WalkContext, chain: CallChain): void {
    const { start, stacks, layout } = context;
    const memory = memoryOf(hart);
    const isKernelText = () => true;
    const truth = walkTrue({ start, memory, stacks, layout, finalRecord: undefined, isKernelText }, chain);
    assert.ok(truth.reliable, truth.verdict);
    const place: Place = { debuggee: this.#debuggee, hart, context };
    this.#count(this.strict, place, truth, 'metadata');
    this.#count(this.shown, place, truth, 'default');
  }

  #count(tally: Tally, place: Place, truth: WalkResult, choice: WalkChoice): void {
    const walk = walkBy(choice, this.#debuggee, place.context, place.hart);
    const { differences, unexplained } = compareWithTruth(place, truth, walk);
    assert.equal(unexplained, undefined, unexplained);
    if (choice === 'default') assertShown(walk, differences);
    tally.walks++;
    if (differences.length === 0) tally.equal++;
    for (const window of new Set(differences.map((difference) => difference.window)))
      tally.windows.set(window, (tally.windows.get(window) ?? 0) + 1);
  }
}
