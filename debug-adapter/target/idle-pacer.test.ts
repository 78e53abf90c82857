import assert from 'node:assert/strict';
import { build, turns } from './emulator-target.test-support';
import type { Script } from './fake-machine.test-support';

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
