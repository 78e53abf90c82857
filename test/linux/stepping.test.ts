/** Steps in a real kernel: over what sleeps, out of a page fault to the user's instruction, over a system call. */
import assert from 'node:assert/strict';
import { hartState, memoryOf } from '../../debug-adapter/debugger/harts';
import { fewLooks, stopAt, type Stopped } from '../../debug-adapter/debugger/stopped-program.test-support';
import { linuxInitrd, linuxKernel } from './linux.test-support';

/** Of instructions, loads and stores. */
const pageFaults = new Set([12n, 13n, 15n]);
const sp = 2;

describe('steps in Linux 7.3', function () {
  this.timeout(180_000);
  let program: string;
  before(function () {
    program = linuxKernel(this, 'metadata');
  });

  const at = (spec: string, hits = 1, smp = 1): Promise<Stopped> =>
    stopAt(spec, hits, {
      program,
      initrd: linuxInitrd,
      append: 'console=ttyS0',
      memory: '256M',
      maxInstructions: 400_000_000,
      smp,
    });

  const taskOf = ({ debuggee, hart }: Stopped) =>
    debuggee.kernel.currentTask(hartState(hart), memoryOf(hart))?.address;

  for (const smp of [1, 2]) {
    it(`over a call that sleeps come back in the same task and frame, on ${smp} hart(s)`, async () => {
      const stopped = await at('do_wait', 1, smp);
      const task = taskOf(stopped);
      const frame = stopped.hart.getX(sp);
      const before = stopped.debuggee.target.instructions;
      for (let count = 0; stopped.function === 'do_wait' && count < 40; count++) {
        assert.equal(stopped.hart.getX(sp), frame);
        await stopped.step('over');
        assert.equal(taskOf(stopped), task);
      }
      assert.notEqual(stopped.function, 'do_wait');
      assert.ok(stopped.debuggee.target.instructions > before + 1000, 'others ran meanwhile');
    });
  }

  it('over schedule() in a kernel thread comes back in that thread', async () => {
    const stopped = await at('schedule', 4);
    const task = taskOf(stopped);
    await stopped.step('out');
    assert.equal(taskOf(stopped), task);
    assert.notEqual(stopped.function, 'schedule');
  });

  it('out of a page fault of user mode go to the user’s instruction', async () => {
    const stopped = await at('handle_mm_fault');
    const { target } = stopped.debuggee;
    target.setBreakpoints([stopped.hart.pc]);
    while (stopped.hart.lastTrap?.from !== 'user' || !pageFaults.has(stopped.hart.lastTrap.cause)) {
      assert.equal((await target.run({ kind: 'continue' })).kind, 'breakpoint');
    }
    target.setBreakpoints([]);
    const task = taskOf(stopped);
    const { epc } = stopped.hart.lastTrap;
    for (let count = 0; stopped.hart.privilege !== 'user' && count < 10; count++) await stopped.step('out');
    assert.equal(stopped.hart.pc, epc);
    assert.equal(taskOf(stopped), task);
  });

  it('over ecall in user mode end behind it, in the same task', async () => {
    const stopped = await at('ksys_write');
    const task = taskOf(stopped);
    while (stopped.hart.privilege !== 'user') await stopped.step('out');
    assert.equal(taskOf(stopped), task);
    for (let count = 0; stopped.text !== 'ecall' && count < 20_000; count++) {
      await stopped.step('over', 'instruction');
      assert.equal(stopped.hart.privilege, 'user');
    }
    assert.equal(stopped.text, 'ecall');
    const { pc } = stopped.hart;
    await stopped.step('over', 'instruction');
    assert.equal(stopped.hart.pc, pc + 4n);
    assert.equal(stopped.hart.privilege, 'user');
    assert.equal(taskOf(stopped), task);
  });

  it('into ecall arrive at handle_exception, and out of it behind the ecall', async () => {
    const stopped = await at('ksys_write');
    while (stopped.hart.privilege !== 'user') await stopped.step('out');
    while (stopped.text !== 'ecall') await stopped.step('over', 'instruction');
    const { pc } = stopped.hart;
    await stopped.step('in', 'instruction');
    assert.match(stopped.place, /^handle_exception\+0x0\//);
    await stopped.step('out');
    assert.equal(stopped.hart.pc, pc + 4n);
    assert.equal(stopped.hart.privilege, 'user');
  });

  const inlined = ({ debuggee, hart }: Stopped) =>
    debuggee.program.debug!.functionsAt(debuggee.kernel.linkAddress(hart.pc, hart.bare).address).slice(0, -1);

  it('over the lines of functions full of inlined ones stay in them, at a few looks each', async () => {
    const looks: number[] = [];
    for (const spec of ['do_wait', '__schedule', 'copy_process']) {
      const stopped = await at(spec);
      const { function: home } = stopped;
      // A breakpoint may be at the first instruction of an inlined function.
      for (let depth = inlined(stopped).length; depth > 0; depth--) await stopped.step('out');
      for (let count = 0; stopped.function === home && count < 60; count++) {
        // Or before one that begins there.
        const entered = inlined(stopped).filter(({ entry }) => entry !== stopped.hart.pc);
        assert.deepEqual(entered, [], stopped.line);
        const before = stopped.debuggee.target.instructions;
        const looked = stopped.looks;
        await stopped.step('over');
        // Calls take what they take.
        if (stopped.debuggee.target.instructions - before < 200) looks.push(stopped.looks - looked);
      }
    }
    looks.sort((a, b) => a - b);
    assert.ok(looks.length > 20, `${looks.length} steps`);
    assert.ok(looks[looks.length >> 1]! <= 8, looks.join(' '));
    assert.ok(looks.at(-1)! < fewLooks, looks.join(' '));
  });

  it('into them are inside the inlined functions, and each step out leaves one of them', async () => {
    const stopped = await at('__schedule');
    const frame = () => stopped.hart.getX(sp);
    const { function: home } = stopped;
    let deepest = 0;
    for (let count = 0; stopped.function === home && count < 60 && deepest < 2; count++) {
      await stopped.step('in');
      if (stopped.function !== home) await stopped.step('out');
      deepest = Math.max(deepest, inlined(stopped).length);
    }
    assert.ok(deepest > 0);
    const before = frame();
    for (let depth = inlined(stopped).length; depth > 0; depth = inlined(stopped).length) {
      await stopped.step('out');
      assert.ok(inlined(stopped).length < depth);
      assert.equal(frame(), before);
      assert.equal(stopped.function, home);
    }
  });
});
