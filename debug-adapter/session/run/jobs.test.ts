import assert from 'node:assert/strict';
import type { Steps } from '../../symbols/steps';
import type { Scheduler } from '../../target/scheduler';
import { SessionState } from '../state';
import { Jobs } from './jobs';

describe('background work', () => {
  /** A clock that each look at it moves on by a third of a millisecond, and how often the host had a turn. */
  function host() {
    let time = 0;
    const counts = { turns: 0 };
    const scheduler: Scheduler = {
      now: () => (time += 1 / 3),
      turn: () => Promise.resolve(void counts.turns++),
      after: () => () => undefined,
    };
    const events = { event: () => assert.fail('nobody is told'), afterResponse: () => undefined };
    return { jobs: new Jobs(new SessionState(), events, scheduler), counts };
  }

  function* work(done: number[], count: number): Steps<void> {
    for (let step = 0; step < count; step++) {
      done.push(step);
      yield step / count;
    }
  }

  it('is done a little at a time, with turns of the host in between, and without a display', async () => {
    const { jobs, counts } = host();
    const done: number[] = [];
    await jobs.background(work(done, 30), () => true);
    assert.equal(done.length, 30);
    assert.ok(counts.turns >= 10, `${counts.turns} turns`);
  });

  it('ends early when it is not wanted any more', async () => {
    const { jobs } = host();
    const done: number[] = [];
    await jobs.background(work(done, 30), () => done.length < 5);
    assert.ok(done.length >= 5 && done.length < 12, `${done.length} steps`);
  });
});
