import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MachineExit, RunRequest, RunStop } from './api';
import { Clock, STEPS_PER_TICK } from './clock';
import { InterruptLine } from './core/api';
import { Clint } from './devices/clint';
import { FakeHart, type Step } from './fake-hart.test-support';
import { RunLoop } from './run-loop';
import { Schedule } from './schedule';
import { Timers } from './timers';

class Board {
  readonly clock = new Clock();
  readonly clint: Clint;
  readonly harts: FakeHart[];
  readonly loop: RunLoop;
  exit: MachineExit | undefined;
  polls: number[] = [];

  constructor(steps: readonly Step[], options: { poll?: boolean } = {}) {
    this.harts = steps.map((step, id) => new FakeHart(id, step));
    this.clint = new Clint(steps.length, {
      mtime: () => this.clock.mtime(this.loop.ahead),
      setMtime: (value) => this.clock.setMtime(value, this.loop.ahead),
      setLine: (hart, line, level) => this.harts[hart]!.setInterruptLine(line, level),
      timersChanged: () => {
        timers.changed();
        this.loop.interrupt();
      },
    });
    const timers = new Timers(this.harts, this.clock, this.clint, {
      alarmTicks: undefined,
      ring: () => undefined,
    });
    this.loop = new RunLoop({
      harts: this.harts,
      clock: this.clock,
      schedule: new Schedule(steps.length),
      timers,
      exit: () => this.exit,
      watchHits: () => ({ any: false, take: () => [] }),
      beforeTurn: () => undefined,
      poll: options.poll ? () => this.polls.push(this.steps) : undefined,
    });
  }

  get steps(): number {
    return this.harts.reduce((sum, hart) => sum + hart.instret, 0);
  }

  setTimer(hart: number, ticks: number): void {
    this.clint.write(hart, 0x4000 + hart * 8, 8, BigInt(ticks));
  }

  run(request: number | RunRequest): RunStop {
    return this.loop.run(typeof request === 'number' ? { budget: request } : request);
  }
}

const work: Step = () => undefined;
const wait: Step = (hart) => hart.wait();

describe('run loop', () => {
  it('uses up its budget exactly', () => {
    const board = new Board([work, work]);
    assert.deepEqual(board.run(12_345), { kind: 'budget' });
    assert.equal(board.steps, 12_345);
    assert.deepEqual(board.run(0), { kind: 'budget' });
    assert.equal(board.steps, 12_345);
  });

  it('comes back with budget left once it is enough, though the hart could go on', () => {
    const board = new Board([work, work]);
    let asked = 0;
    assert.deepEqual(board.run({ budget: 1e6, isEnough: () => ++asked === 3 }), { kind: 'budget' });
    assert.equal(board.steps, 15_000);
  });

  it('reports a step that is complete, though it is enough', () => {
    const board = new Board([work]);
    const request = { budget: 10, step: { hart: 0, instructions: 1 }, isEnough: () => true };
    assert.deepEqual(board.run(request), { kind: 'step', hart: 0 });
  });

  it('gives each hart a quantum in turn', () => {
    const board = new Board([work, work, work]);
    board.run(12_000);
    assert.deepEqual(
      board.harts.map((hart) => hart.instret),
      [5000, 5000, 2000],
    );
  });

  it('gives the turn of a hart that waits to the next at once', () => {
    const board = new Board([wait, work]);
    board.run(10_001);
    assert.deepEqual(
      board.harts.map((hart) => hart.instret),
      [1, 10_000],
    );
  });

  it('raises a timer line at the exact step, whichever hart runs then', () => {
    const seen: number[] = [];
    const board: Board = new Board([
      wait,
      () => {
        if (board.harts[0]!.lines.has(InterruptLine.machineTimer)) seen.push(board.steps);
      },
    ]);
    board.setTimer(0, 70);
    board.run(70 * STEPS_PER_TICK + 1);
    // Hart 1 sees the line in its first step after 70 ticks; hart 0 wakes in its next turn, and waits no more.
    assert.equal(seen[0], 70 * STEPS_PER_TICK + 1);
  });

  it('lets time jump to the next deadline when all harts wait, without using the budget', () => {
    const board: Board = new Board([wait, wait]);
    board.setTimer(1, 1_000_000);
    board.run(3);
    assert.equal(board.clock.mtime(), 1_000_000n);
    assert.deepEqual(
      board.harts.map((hart) => hart.instret),
      [1, 2],
    );
  });

  it('drives the supervisor timer from stimecmp', () => {
    const board = new Board([wait]);
    board.harts[0]!.stimecmp = 500n;
    board.run(2);
    assert.ok(board.harts[0]!.lines.has(InterruptLine.supervisorTimer));
    board.harts[0]!.stimecmp = undefined;
    board.run(1);
    assert.ok(!board.harts[0]!.lines.has(InterruptLine.supervisorTimer));
  });

  it('says so when all wait and nothing will ever wake them', () => {
    const board = new Board([wait, wait]);
    assert.deepEqual(board.run(100), { kind: 'waiting' });
    assert.equal(board.steps, 2);
    board.harts[1]!.setInterruptLine(InterruptLine.supervisorExternal, true);
    assert.deepEqual(board.run(100), { kind: 'budget' });
    assert.equal(board.steps, 102);
  });

  it('follows a deadline that is written in the middle of a turn, and a write to mtime', () => {
    const board: Board = new Board([
      (hart) => {
        if (hart.instret === 2.5 * STEPS_PER_TICK) board.setTimer(0, 4);
        if (hart.instret === 4.5 * STEPS_PER_TICK) board.clint.write(0, 0xbff8, 8, 0n);
        rose.push(hart.lines.has(InterruptLine.machineTimer));
      },
    ]);
    const rose: boolean[] = [];
    board.run(10 * STEPS_PER_TICK);
    const edges = rose.flatMap((level, step) => (level === (rose[step - 1] ?? false) ? [] : [step]));
    // Up after 4 ticks, down when time was set to 0 half a tick later, up when 4 more are complete.
    assert.deepEqual(edges, [4 * STEPS_PER_TICK, 4.5 * STEPS_PER_TICK, 8 * STEPS_PER_TICK]);
  });

  it('stops after the steps asked of one hart while the others keep their turns', () => {
    const board = new Board([work, work]);
    board.run(100);
    assert.deepEqual(board.run({ budget: 1e6, step: { hart: 1, instructions: 3 } }), {
      kind: 'step',
      hart: 1,
    });
    assert.deepEqual(
      board.harts.map((hart) => hart.instret),
      [5000, 3],
    );
    assert.deepEqual(board.run({ budget: 10, step: { hart: 0, instructions: 1 } }), { kind: 'budget' });
  });

  it('holds interrupts on a hart for one call only', () => {
    const held: boolean[] = [];
    const board = new Board([(hart) => held.push(hart.holdInterrupts)]);
    board.run({ budget: 1, holdInterrupts: 0 });
    board.run({ budget: 1 });
    assert.deepEqual(held, [true, false]);
  });

  it('goes on from a breakpoint it has reported, and loses none that another hart reached unreported', () => {
    const board = new Board([work, work]);
    board.run(5000); // Hart 0 stands at 5000 and has given the turn away.
    board.harts[0]!.breakpoint = 5000n;
    board.harts[1]!.breakpoint = 5n;
    assert.deepEqual(board.run(1e6), { kind: 'breakpoint', hart: 1, pc: 5n });
    assert.deepEqual(board.run(1e6), { kind: 'breakpoint', hart: 0, pc: 5000n });
    assert.deepEqual(board.run(10), { kind: 'budget' });
    assert.equal(board.harts[0]!.pc, 5010n);
  });

  it('can be told to report breakpoints at once, or to pass them on every hart', () => {
    const board = new Board([work]);
    board.harts[0]!.breakpoint = 0n;
    const again = { budget: 1, ignoreBreakpointsAtStart: false };
    assert.equal(board.run(1).kind, 'breakpoint');
    assert.equal(board.run(again).kind, 'breakpoint');
    assert.equal(board.run({ budget: 1, ignoreBreakpointsAtStart: true }).kind, 'budget');
  });

  it('ends when the machine has ended, and never runs again', () => {
    const board: Board = new Board([
      (hart) => {
        if (hart.instret !== 7) return;
        board.exit = { kind: 'power-off', code: 0 };
        board.loop.interrupt();
      },
    ]);
    const end = { kind: 'exit', exit: { kind: 'power-off', code: 0 } };
    assert.deepEqual(board.run(100), end);
    assert.deepEqual(board.run(100), end);
    assert.equal(board.steps, 7);
  });

  it('polls at fixed steps, however it is sliced', () => {
    const whole = new Board([work, work], { poll: true });
    whole.run(20_000);
    const sliced = new Board([work, work], { poll: true });
    for (let slice = 0; slice < 200; slice++) sliced.run(100);
    assert.deepEqual([...new Set(whole.polls)], [4096, 8192, 12288, 16384]);
    assert.deepEqual([...new Set(sliced.polls)], [...new Set(whole.polls)]);
  });

  it('does the same in any slices', () => {
    /** Each hart logs what it sees, arms its timer now and then, and waits now and then. */
    const trace = (slices: readonly number[], total: number): string[] => {
      const log: string[] = [];
      const step: Step = (hart) => {
        if (hart.instret % 371 === hart.id) {
          log.push(`${hart.id} ${hart.instret} ${board.clock.mtime(board.loop.ahead)} ${hart.lines.size}`);
          board.setTimer(hart.id, Number(board.clock.mtime(board.loop.ahead)) + hart.id * 13 + 2);
        }
        if (hart.instret % 1009 === 3 * hart.id) hart.wait();
      };
      const board: Board = new Board([step, step, step]);
      let slice = 0;
      while (board.steps < total) {
        board.run(Math.min(slices[slice++ % slices.length]!, total - board.steps));
      }
      log.push(JSON.stringify([board.clock.state().map(String), board.harts.map((hart) => String(hart.pc))]));
      return log;
    };
    const expected = trace([30_000], 30_000);
    assert.ok(expected.length > 50);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 20 }), (slices) => {
        assert.deepEqual(trace(slices, 30_000), expected);
      }),
      { numRuns: 30 },
    );
  });
});
