import assert from 'node:assert/strict';
import { architecture } from './architecture';
import { EmulatorTarget, type EmulatorTargetOptions } from './emulator-target';
import { FakeMachine, type Script } from './fake-machine.test-support';
import type { WatchHit } from './watchpoint';
import type { Scheduler } from './scheduler';
import type { JudgedStop, TargetStop } from './target';

/** A clock that only moves when it is told to, and turns that are microtasks. */
class ManualScheduler implements Scheduler {
  time = 0;
  readonly sleeps: number[] = [];
  readonly #wakers: (() => void)[] = [];

  now(): number {
    return this.time;
  }

  turn(): Promise<void> {
    return Promise.resolve();
  }

  after(milliseconds: number, wake: () => void): () => void {
    this.sleeps.push(milliseconds);
    this.#wakers.push(wake);
    return () => undefined;
  }

  wake(): void {
    for (const wake of this.#wakers.splice(0)) wake();
  }
}

/** Uses up each budget; a million instructions take 4 ms. */
function busy(scheduler: ManualScheduler): Script {
  return ({ budget }, machine) => {
    machine.instructions += budget;
    machine.time += budget / 20;
    scheduler.time += budget / 250_000;
    return { kind: 'budget' };
  };
}

function build(script: Script | 'busy', options: EmulatorTargetOptions = {}, harts = 1) {
  const scheduler = new ManualScheduler();
  const machine = new FakeMachine(script === 'busy' ? busy(scheduler) : script, harts);
  const target = new EmulatorTarget(machine, architecture, { scheduler, ...options });
  return { scheduler, machine, target };
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}

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

describe('pacing of an idle guest', () => {
  /** Each call runs little code and jumps 10 ms of virtual time ahead. */
  const idle: Script = (_, machine) => {
    machine.instructions += 2_000;
    machine.time += 100_000;
    return { kind: 'budget' };
  };

  it('sleeps once virtual time is more than a second ahead', async () => {
    const { target, scheduler, machine } = build(idle, { pace: true });
    let chunks = 0;
    machine.script = (request, it) => {
      chunks++;
      return idle(request, it);
    };
    const run = target.run({ kind: 'continue' });
    scheduler.now = () => scheduler.time++ / 1000;
    await turns(2_000);
    assert.equal(scheduler.sleeps.length, 1);
    assert.ok(chunks >= 100 && chunks <= 102, `${chunks} chunks`);
    target.pause();
    assert.deepEqual(await run, { kind: 'pause' });
  });

  it('leaves a busy guest alone', async () => {
    const { target, scheduler } = build('busy', { pace: true, maxInstructions: 50_000_000 });
    assert.deepEqual(await target.run({ kind: 'continue' }), { kind: 'limit' });
    assert.deepEqual(scheduler.sleeps, []);
  });

  it('is off unless it is asked for', async () => {
    const { target, scheduler } = build(idle, { maxInstructions: 2_000_000 });
    scheduler.now = () => scheduler.time++ / 1000;
    assert.deepEqual(await target.run({ kind: 'continue' }), { kind: 'limit' });
    assert.deepEqual(scheduler.sleeps, []);
  });
});

describe('memory of a hart', () => {
  function mapped() {
    const { target, machine } = build('busy');
    const hart = machine.harts[0]!;
    machine.ram.set(7, new Uint8Array(4096).fill(7));
    machine.ram.set(3, new Uint8Array(4096).fill(3));
    hart.pages.set(0x10n, 7).set(0x11n, 3).set(0x13n, 99);
    hart.pages.set((1n << 52n) - 1n, 7);
    return { hart: target.harts[0]!, machine };
  }

  it('is read page by page through the translation', () => {
    const bytes = mapped().hart.readMemory(0x10ffen, 4);
    assert.deepEqual([...bytes], [7, 7, 3, 3]);
  });

  it('is read up to the first page that is not there', () => {
    assert.equal(mapped().hart.readMemory(0x10ff0n, 8192).length, 16 + 4096);
    assert.equal(mapped().hart.readMemory(0x12000n, 8).length, 0);
    assert.equal(mapped().hart.readMemory(0x13000n, 8).length, 0);
  });

  it('is read up to the end of the address space, not around it', () => {
    assert.equal(mapped().hart.readMemory((1n << 64n) - 4n, 16).length, 4);
  });

  it('is written page by page, and the bytes that were written are counted', () => {
    const { hart, machine } = mapped();
    assert.equal(hart.writeMemory(0x11ffen, Uint8Array.of(1, 2, 3, 4)), 2);
    assert.deepEqual([...machine.ram.get(3)!.subarray(4094)], [1, 2]);
  });
});

describe('recorded calls of the target', () => {
  it('are those of the machine, with privileges by their names', () => {
    const { target, machine } = build('busy');
    assert.equal(target.harts[0]!.callChain, undefined);
    const trap = { hart: 0, cause: 8n, epc: 0x1000n, tval: 0n, from: 0, to: 1 } as const;
    const named = { ...trap, from: 'user', to: 'supervisor' };
    const call = { kind: 'call', returnAddress: 0x2000n, sp: 0x100n } as const;
    machine.harts[0]!.callChain = {
      transfers: [call, { kind: 'trap', trap, sp: 0x200n }],
      origin: { kind: 'user', trap, sp: 0x300n },
    };
    machine.suspended.set(0x100n, { transfers: [call], origin: { kind: 'lost' } });
    assert.deepEqual(target.harts[0]!.callChain, {
      transfers: [call, { kind: 'trap', trap: named, sp: 0x200n }],
      origin: { kind: 'user', trap: named, sp: 0x300n },
    });
    assert.deepEqual(target.suspendedChain(0x100n), { transfers: [call], origin: { kind: 'lost' } });
    assert.equal(target.suspendedChain(0x110n), undefined);
  });
});

describe('the disassembler of the target', () => {
  it('needs all bytes of an instruction', () => {
    const addi = Uint8Array.of(0x13, 0x01, 0x01, 0xfe);
    assert.equal(architecture.disassemble(addi, 0n)?.text, 'addi sp,sp,-32');
    assert.equal(architecture.disassemble(addi.subarray(0, 3), 0n), undefined);
    assert.equal(architecture.disassemble(Uint8Array.of(0x82, 0x80), 0n)?.text, 'ret');
    assert.equal(architecture.disassemble(Uint8Array.of(0x82), 0n), undefined);
  });

  it('names registers by their ABI names', () => {
    assert.deepEqual(
      [0, 1, 2, 8, 10, 31].map((index) => architecture.registerName(index)),
      ['zero', 'ra', 'sp', 's0', 'a0', 't6'],
    );
  });
});
