import assert from 'node:assert/strict';
import { build, busy, ManualScheduler, turns } from './emulator-target.test-support';
import type { Script } from './fake-machine.test-support';
import type { JudgedStop, TargetStop } from './target';
import type { WatchHit } from './watchpoint';

describe('the emulator as a target', () => {
  it('answers a pause after the slice at hand', async () => {
    const { target, scheduler } = build('busy');
    const run = target.run({ kind: 'continue' });
    await turns(20);
    const asked = scheduler.time;
    target.pause();
    assert.deepEqual(await run, { kind: 'pause' });
    assert.ok(scheduler.time - asked <= 5, `took ${scheduler.time - asked} ms`);
  });

  /** Milliseconds from one turn of the event loop to the next while the machine does what the script says. */
  async function gaps(script: Script, scheduler: ManualScheduler): Promise<readonly number[]> {
    const { target } = build(script, { scheduler });
    const starts: number[] = [];
    scheduler.turn = () => {
      starts.push(scheduler.time);
      return Promise.resolve();
    };
    const run = target.run({ kind: 'continue' });
    await turns(100);
    target.pause();
    await run;
    return starts.slice(2).map((start, index) => start - starts[index + 1]!);
  }

  it('returns to the event loop about every 2 milliseconds', async () => {
    const scheduler = new ManualScheduler();
    const found = await gaps(busy(scheduler), scheduler);
    assert.ok(found.length > 5 && found.every((gap) => gap >= 2 && gap < 4), found.join(' '));
  });

  it('returns to the event loop as often while the machine is a hundred times slower', async () => {
    const scheduler = new ManualScheduler();
    const slow: Script = ({ budget, isEnough }, machine) => {
      for (let left = budget; left > 0 && !isEnough!(); left -= 1000) {
        machine.instructions += 1000;
        scheduler.time += 0.5;
      }
      return { kind: 'budget' };
    };
    const found = await gaps(slow, scheduler);
    assert.ok(found.length > 5 && found.every((gap) => gap >= 2 && gap < 3), found.join(' '));
  });

  it('asks within a run whether a stop is wanted, and goes on in the same turn if not', async () => {
    let hits = 0;
    const { target, machine, scheduler } = build((_, it) => {
      it.instructions += 10;
      return { kind: 'breakpoint', hart: 0, pc: BigInt(++hits) };
    });
    let taken = 0;
    scheduler.turn = () => {
      taken++;
      return Promise.resolve();
    };
    target.setBreakpoints(Array.from({ length: 1000 }, (_, pc) => BigInt(pc)));
    const isWanted = (stop: JudgedStop) => stop.kind === 'breakpoint' && stop.pc === 500n;
    assert.deepEqual(await target.run({ kind: 'continue', isWanted }), {
      kind: 'breakpoint',
      hart: 0,
      pc: 500n,
    });
    assert.deepEqual([hits, machine.instructions, taken], [500, 5000, 1]);
  });

  it('answers a pause while no stop is wanted, and rests when a guest idles through stops', async () => {
    const { target, scheduler } = build((_, it) => {
      it.instructions += 10;
      scheduler.time += 0.01;
      return { kind: 'breakpoint', hart: 0, pc: 0n };
    });
    target.setBreakpoints([0n]);
    const run = target.run({ kind: 'continue', isWanted: () => false });
    await turns(20);
    const asked = scheduler.time;
    target.pause();
    assert.deepEqual(await run, { kind: 'pause' });
    assert.ok(scheduler.time - asked <= 5, `took ${scheduler.time - asked} ms`);

    // Ten instructions in a tick of 10 ms.
    const idle = build(
      (_, it) => {
        it.instructions += 10;
        it.time += 100_000;
        return { kind: 'breakpoint', hart: 0, pc: 0n };
      },
      { pace: true },
    );
    idle.target.setBreakpoints([0n]);
    const resting = idle.target.run({ kind: 'continue', isWanted: () => false });
    await turns(20);
    assert.ok(idle.scheduler.sleeps.length > 0);
    idle.target.pause();
    assert.deepEqual(await resting, { kind: 'pause' });
  });

  it('never runs past the instruction limit and stops there again when continued', async () => {
    const { target, machine } = build('busy', { maxInstructions: 123_457 });
    assert.deepEqual(await target.run({ kind: 'continue' }), { kind: 'limit' });
    assert.equal(machine.instructions, 123_457);
    assert.deepEqual(await target.run({ kind: 'continue' }), { kind: 'limit' });
    assert.equal(machine.instructions, 123_457);
  });

  it('reports the exit of the machine and then refuses to run', async () => {
    const { target, machine } = build((_, it) => {
      it.exit = { kind: 'power-off', code: 0 };
      return { kind: 'exit', exit: it.exit };
    });
    const stop = await target.run({ kind: 'continue' });
    assert.deepEqual(stop, { kind: 'exit', exit: machine.exit });
    await assert.rejects(target.run({ kind: 'continue' }), /switched off/);
  });

  it('refuses a second run while it runs', async () => {
    const { target } = build('busy');
    const run = target.run({ kind: 'continue' });
    await assert.rejects(target.run({ kind: 'continue' }), /runs already/);
    target.pause();
    await run;
  });

  it('waits for console input without running the machine, and wakes up for it', async () => {
    let waits = 0;
    const { target, machine } = build((_, it) =>
      it.input.length > 0 ? { kind: 'exit', exit: { kind: 'power-off', code: 0 } } : { kind: 'waiting' },
    );
    target.onWaiting = () => waits++;
    const run = target.run({ kind: 'continue' });
    await turns(50);
    assert.equal(machine.requests.length, 1);
    assert.equal(waits, 1);
    target.sendConsoleInput(Uint8Array.of(10));
    assert.equal((await run).kind, 'exit');
  });

  it('answers a pause while it waits for console input', async () => {
    const { target } = build(() => ({ kind: 'waiting' }));
    const run = target.run({ kind: 'continue' });
    await turns(10);
    target.pause();
    assert.deepEqual(await run, { kind: 'pause' });
  });

  it('holds interrupts on a hart that is stepped, unless they are wanted', async () => {
    const { target, machine } = build(({ step }) => ({ kind: 'step', hart: step!.hart }), {}, 2);
    await target.run({ kind: 'step', hart: 1 });
    await target.run({ kind: 'step', hart: 1, interrupts: true });
    assert.deepEqual(
      machine.requests.map(({ step, holdInterrupts }) => ({ step, holdInterrupts })),
      [
        { step: { hart: 1, instructions: 1 }, holdInterrupts: 1 },
        { step: { hart: 1, instructions: 1 }, holdInterrupts: undefined },
      ],
    );
  });

  it('steps until it is told that the step is done', async () => {
    const { target, machine } = build((_, it) => {
      it.harts[0]!.pc += 2n;
      return { kind: 'step', hart: 0 };
    });
    const stop = await target.run({ kind: 'step', hart: 0, done: ({ pc }) => pc >= 100n });
    assert.deepEqual(stop, { kind: 'step', hart: 0 });
    assert.equal(machine.requests.length, 50);
  });

  it('stops at a watched access, and completes a step whose access nobody wants', async () => {
    const hit: WatchHit = { kind: 'csr', id: 1, hart: 0, pc: 4n, written: 0x180, old: 0n, new: 1n };
    const { target, machine } = build(() => ({ kind: 'watch', hits: [hit] }));
    const watchpoint = { kind: 'csr', id: 1, csr: 0x180, access: 'write' } as const;
    target.setWatchpoints([watchpoint]);
    assert.deepEqual(machine.watchpoints, [watchpoint]);
    assert.deepEqual(await target.run({ kind: 'continue' }), { kind: 'watch', hits: [hit] });
    const unwanted = await target.run({ kind: 'step', hart: 0, isWanted: () => false });
    assert.deepEqual(unwanted, { kind: 'step', hart: 0 });
  });

  it('ends a long step at a breakpoint on its way', async () => {
    const { target } = build((_, it) => {
      it.harts[0]!.pc += 2n;
      return { kind: 'step', hart: 0 };
    });
    target.setBreakpoints([8n]);
    const stop = await target.run({ kind: 'step', hart: 0, done: ({ pc }) => pc >= 100n });
    assert.deepEqual(stop, { kind: 'breakpoint', hart: 0, pc: 8n });
  });

  /** Arrives at 0x1000 with sp 1, 2, 3, … */
  const arrivals: Script = (_, machine) => {
    const hart = machine.harts[0]!;
    hart.pc = 0x1000n;
    hart.setX(2, hart.getX(2) + 1n);
    return { kind: 'breakpoint', hart: 0, pc: 0x1000n };
  };

  it('runs until an arrival is accepted, and leaves no breakpoint behind', async () => {
    const { target, machine } = build(arrivals);
    target.setBreakpoints([0x2000n]);
    const stop = await target.run({
      kind: 'until',
      addresses: [0x1000n],
      accept: (hart) => hart.getX(2) === 3n,
    });
    assert.deepEqual(stop, { kind: 'step', hart: 0 });
    assert.equal(machine.requests.length, 3);
    assert.deepEqual(machine.breakpoints, [0x2000n]);
  });

  it('stops at a breakpoint of the user at an awaited address even if the arrival is not accepted', async () => {
    const { target } = build(arrivals);
    target.setBreakpoints([0x1000n]);
    const stop = await target.run({ kind: 'until', addresses: [0x1000n], accept: () => false });
    assert.deepEqual(stop, { kind: 'breakpoint', hart: 0, pc: 0x1000n } satisfies TargetStop);
  });

  it('arms breakpoints that are set while it runs, beside the awaited addresses', async () => {
    const { target, machine } = build('busy');
    const run = target.run({ kind: 'until', addresses: [0x1000n], accept: () => true });
    await turns(10);
    target.setBreakpoints([0x2000n]);
    assert.deepEqual(machine.breakpoints, [0x2000n, 0x1000n]);
    target.pause();
    await run;
    assert.deepEqual(machine.breakpoints, [0x2000n]);
  });

  it('arms breakpoints when they are set, and not again at each stop', async () => {
    const { target, machine } = build(arrivals);
    target.setBreakpoints([0x1000n]);
    const armed = machine.breakpoints;
    await target.run({ kind: 'continue' });
    await target.run({ kind: 'continue' });
    assert.equal(machine.breakpoints, armed);
  });

  it('reports a trap with privileges by name', async () => {
    const { target } = build(() => ({
      kind: 'trap',
      trap: { hart: 0, cause: 13n, epc: 16n, tval: 0n, from: 0, to: 1 },
    }));
    assert.deepEqual(await target.run({ kind: 'continue' }), {
      kind: 'trap',
      trap: { hart: 0, cause: 13n, epc: 16n, tval: 0n, from: 'user', to: 'supervisor' },
    });
  });
});
