/** Statement steps beside a machine of the same state that is stepped by single instructions, looking at each. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isInterrupt } from '../unwind/trap-cause';
import { functionAt, instructionAt, isAssembly, rowAt } from './code';
import { afterPrologue } from './prologue';
import { stopAt, type Stopped } from './stopped-program.test-support';

const sp = 2;

/**
 * Statements of the kernel have fewer instructions. One that has more waits for an interrupt: the step takes interrupts then, and comes to its
 * end, while single instruction steps hold them and would wait for ever.
 */
const longest = 5_000;

const lastInterrupt = ({ hart: { lastTrap } }: Stopped) =>
  lastTrap && isInterrupt(lastTrap.cause) ? lastTrap : undefined;

/** Functions that the pc is in, by where their code begins. */
const nest = ({ debuggee: { program, kernel }, hart }: Stopped): string =>
  program
    .debug!.functionsAt(kernel.linkAddress(hart.pc, hart.bare).address)
    .map(({ name, entry, callSite }) => `${name} at ${entry} of line ${callSite?.line}`)
    .join();

/** Places all over the kernel, in assembly and C, with the MMU on and off: those that are come to once, and others. */
const once = ['_start_kernel', 'relocate_enable_mmu', 'start_kernel'];
const often = [
  ...['handle_exception', 'ret_from_exception', 'do_page_fault', '__asm_copy_from_user', 'schedule'],
  ...['__switch_to', 'sys_write', 'copy_process', 'timer_start', 'printk', 'ret_from_fork_kernel_asm'],
];
const start = fc.oneof(
  fc.record({ place: fc.constantFrom(...once), hit: fc.constant(1) }),
  fc.record({ place: fc.constantFrom(...often), hit: fc.integer({ min: 1, max: 3 }) }),
);

async function instruction({ debuggee, hart }: Stopped): Promise<void> {
  const stop = await debuggee.target.run({ kind: 'step', hart: hart.index });
  assert.equal(stop.kind, 'step');
}

/** A step into, by the words of its description: an instruction at a time. False if the statement waits for an interrupt. */
async function stepIn(stopped: Stopped): Promise<boolean> {
  const { debuggee, hart } = stopped;
  const { program, target, kernel } = debuggee;
  const row = () => rowAt(debuggee, hart.pc, hart.bare);
  const name = () => functionAt(debuggee, hart.pc, hart.bare)?.name;
  const link = () => kernel.linkAddress(hart.pc, hart.bare).address;
  const first = row();
  const home = name();
  const inlined = nest(stopped);
  for (let count = 0; count < longest; count++) {
    const { pc, lastTrap, bare } = hart;
    const frame = hart.getX(sp);
    const executed = instructionAt(debuggee, hart, pc);
    await instruction(stopped);
    // The MMU was turned on: the fetch of the next instruction faults.
    if (hart.readMemory(hart.pc, 2).length < 2) await instruction(stopped);
    if (!first) return true;
    const turnedOn = bare && !hart.bare;
    if (hart.lastTrap !== lastTrap && !turnedOn) return true;
    const behind = pc + BigInt(executed?.length ?? 0);
    const isEntry = functionAt(debuggee, hart.pc, hart.bare)?.address === link();
    const isTail = executed?.flow === 'jump' && !isAssembly(first.file) && name() !== home && isEntry;
    if ((executed?.flow === 'call' && hart.pc !== behind) || isTail) {
      const callee = row();
      if (callee) {
        const end = isAssembly(callee.file) || !isEntry ? link() : afterPrologue(program, target, link());
        while (link() !== end) await instruction(stopped);
        return true;
      }
      const back = isTail ? hart.getX(1) : behind;
      while (hart.pc !== back || hart.getX(sp) !== frame) await instruction(stopped);
    } else if (executed?.flow === 'return') return true;
    const now = row();
    if (!now || name() !== home) return true;
    const isOther = now.line !== first.line || now.file !== first.file;
    if (!now.startsStatement || now.start !== link()) continue;
    if (isOther || nest(stopped) !== inlined) return true;
  }
  return false;
}

describe('statement steps into', function () {
  this.timeout(120_000);

  it('go where single instruction steps with the same rule go', () =>
    fc.assert(
      fc.asyncProperty(start, async ({ place, hit }) => {
        const stepped = await stopAt(place, hit);
        const reference = await stopAt(place, hit);
        for (let count = 0; count < 40; count++) {
          const from = stepped.place;
          const interrupt = lastInterrupt(stepped);
          await stepped.step('in');
          // A statement that takes long takes interrupts.
          if (!(await stepIn(reference)) || lastInterrupt(stepped) !== interrupt) break;
          assert.equal(stepped.place, reference.place, `step ${count + 1} from ${from}`);
          assert.equal(stepped.debuggee.target.instructions, reference.debuggee.target.instructions);
        }
      }),
      { numRuns: 12, examples: [[{ place: 'timer_start', hit: 3 }]] },
    ));

  it('come to the end of a loop that waits for an interrupt, although the stack pointer moves behind it', async () => {
    const stopped = await stopAt('timer_start', 3);
    for (let count = 0; stopped.function !== 'tour_compact_leaf' && count < 60; count++)
      await stopped.step('in');
    // Its interrupt is pending, and was held by the steps.
    for (let count = 0; stopped.function === 'tour_compact_leaf' && count < 8; count++)
      await stopped.step('in');
    assert.equal(stopped.function, 'tour_interrupted_leaf');
  });
});
