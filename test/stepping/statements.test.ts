/** Steps in assembly: loops of one line, calls, macros and traps, in M-mode. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { step } from '../../debug-adapter/debugger/step';
import { stepTargets } from '../../debug-adapter/debugger/step-targets';
import type { TargetHart } from '../../debug-adapter/target/target';
import { fewLooks, stopAt, type Stopped } from '../../debug-adapter/debugger/stopped-program.test-support';
import { steppingProgram } from './programs.test-support';

const source = 'statements.S';
const mip = 0x344;
const timerInterrupt = 1n << 7n;
const timerCause = (1n << 63n) | 7n;
const lines = readFileSync(join(import.meta.dirname, source), 'utf8').split('\n');

/** `statements.S:12`, the line with that comment. */
function commented(comment: string): string {
  const index = lines.findIndex((line) => line.includes(`/* ${comment} */`));
  assert.ok(index >= 0, comment);
  return `${source}:${index + 1}`;
}

describe('a step in assembly', function () {
  this.timeout(60_000);
  let program: string;
  before(function () {
    program = steppingProgram(this, source);
  });

  const at = (comment: string): Promise<Stopped> =>
    stopAt(commented(comment), 1, { program, firmware: 'none', maxInstructions: 1_000_000_000 });

  const instructionsOf = async (stopped: Stopped, action: () => Promise<void>): Promise<number> => {
    const { target } = stopped.debuggee;
    const before = target.instructions;
    await action();
    return target.instructions - before;
  };

  for (const kind of ['in', 'over'] as const) {
    it(`${kind} a loop of one line runs all its turns at full speed`, async () => {
      const stopped = await at('countdown');
      assert.equal(await instructionsOf(stopped, () => stopped.step(kind)), 20_000_000);
      assert.equal(stopped.line, commented('macro'));
      assert.ok(stopped.looks < fewLooks, `${stopped.looks} looks`);
    });
  }

  it('over a macro does all its instructions', async () => {
    const stopped = await at('macro');
    assert.equal(await instructionsOf(stopped, () => stopped.step('over')), 2);
  });

  it('over a call of a hundred million instructions runs them at full speed', async () => {
    const stopped = await at('long call');
    assert.ok((await instructionsOf(stopped, () => stopped.step('over'))) > 100_000_000);
    assert.ok(stopped.looks < fewLooks, `${stopped.looks} looks`);
  });

  it('over a loop of one line with a call in it runs all calls', async () => {
    const stopped = await at('calls in a loop');
    assert.equal(await instructionsOf(stopped, () => stopped.step('over')), 5_000);
  });

  it('over a line that waits for an interrupt comes to its end, although interrupts are held at first', async () => {
    const stopped = await at('waits for the interrupt');
    await stopped.step('over');
    assert.equal(stopped.line, commented('waited'));
    assert.equal(stopped.hart.lastTrap?.cause, timerCause);
  });

  for (const [comment, behind] of [
    ['environment call', 'after the call'],
    ['faults', 'after the fault'],
  ] as const) {
    it(`over what traps ends behind it, into it at the handler, whose mret leads back: ${comment}`, async () => {
      const over = await at(comment);
      await over.step('over');
      assert.equal(over.line, commented(behind));

      const into = await at(comment);
      await into.step('in');
      assert.equal(into.line, commented('handler'));
      for (let count = 0; into.line !== commented('back') && count < 20; count++) await into.step('in');
      await into.step('in');
      assert.equal(into.line, commented(behind));
    });

    it(`out of the handler comes back to what trapped: ${comment}`, async () => {
      const stopped = await at(comment);
      await stopped.step('in');
      await stopped.step('out');
      assert.equal(stopped.line, commented(behind));
    });
  }

  it('over a recursive call comes back in its own frame', async () => {
    const stopped = await at('itself');
    const sp = stopped.hart.getX(2);
    await stopped.step('over');
    assert.equal(stopped.line, commented('after itself'));
    assert.equal(stopped.hart.getX(2), sp);
  });

  it('can go into the trap handler of an ecall', async () => {
    const stopped = await at('environment call');
    const [target] = stepTargets(stopped.debuggee, stopped.hart);
    assert.equal(target!.label, 'trap handler handler');
    await stopped.step('in', 'statement', { into: target!.address });
    assert.equal(stopped.line, commented('handler'));
  });

  it('over wfi leaves the hart waiting behind it, where the next step goes on until it is paused', async () => {
    const stopped = await at('waits for ever');
    const { debuggee, hart } = stopped;
    await stopped.step('over');
    assert.equal(hart.state, 'waiting');
    const outcome = step(debuggee, hart, 'over', 'statement');
    setTimeout(() => debuggee.target.pause(), 50);
    assert.equal((await outcome).kind, 'pause');
  });
});

describe('interrupts during a step', function () {
  let program: string;
  before(function () {
    program = steppingProgram(this, source);
  });

  /** Where the timer's interrupt is enabled, and pending. */
  async function pending(): Promise<Stopped> {
    const options = { program, firmware: 'none', maxInstructions: 1_000_000_000 };
    const stopped = await stopAt(commented('waits for the interrupt'), 1, options);
    const isPending = (hart: TargetHart) => (hart.getCsr(mip)! & timerInterrupt) !== 0n;
    await stopped.debuggee.target.run({ kind: 'step', hart: 0, done: isPending });
    assert.notEqual(stopped.hart.lastTrap?.cause, timerCause);
    return stopped;
  }

  const free = { policy: { holdInterrupts: false, follows: 'task' } } as const;

  it('are held by default, and taken when the machine runs on', async () => {
    const stopped = await pending();
    for (let count = 0; count < 4; count++) await stopped.step('in', 'instruction');
    assert.equal(stopped.line, commented('waits for the interrupt'));
    const { target } = stopped.debuggee;
    const trapFilter = { exceptionsFromUser: 0n, exceptionsFromKernel: 0n, interrupts: timerInterrupt };
    target.setTrapFilter(trapFilter);
    assert.equal((await target.run({ kind: 'continue' })).kind, 'trap');
  });

  it('end a step in if they are not held', async () => {
    const stopped = await pending();
    await stopped.step('in', 'instruction', free);
    assert.equal(stopped.line, commented('handler'));
  });

  it('are run over by a step over if they are not held', async () => {
    const stopped = await pending();
    const { pc } = stopped.hart;
    await stopped.step('over', 'instruction', free);
    assert.equal(stopped.hart.lastTrap?.cause, timerCause);
    assert.equal(stopped.hart.lastTrap.epc, pc);
    assert.equal(stopped.function, '_start');
    assert.notEqual(stopped.hart.pc, pc);
  });
});
