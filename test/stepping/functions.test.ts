/** Steps in compiled C, without a kernel around it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import { defaultStepPolicy } from '../../debug-adapter/debugger/api';
import { stepTargets } from '../../debug-adapter/debugger/step-targets';
import { fewLooks, stopAt, type Stopped } from '../../debug-adapter/debugger/stopped-program.test-support';
import { steppingProgram } from './programs.test-support';

const source = 'functions.c';
const lines = readFileSync(join(import.meta.dirname, source), 'utf8').split('\n');

/** `functions.c:12`, the line with that comment. */
function commented(comment: string): string {
  const index = lines.findIndex((line) => line.includes(`/* ${comment} */`));
  assert.ok(index >= 0, comment);
  return `${source}:${index + 1}`;
}

const next = (line: string): string => `${source}:${Number(line.split(':')[1]) + 1}`;

describe('a step in C', function () {
  this.timeout(60_000);
  let program: string;
  before(function () {
    program = steppingProgram(this, source);
  });

  const at = (place: string, hits = 1): Promise<Stopped> =>
    stopAt(place, hits, { program, firmware: 'none', maxInstructions: 1_000_000_000 });

  it('over a call that ends in a tail call comes back to the line behind it', async () => {
    const stopped = await at(commented('calls tail'));
    await stopped.step('over');
    assert.equal(stopped.line, commented('calls factorial'));
  });

  it('over a tail call comes back to the caller', async () => {
    const stopped = await at(commented('tail call'));
    for (let count = 0; stopped.function === 'tail' && count < 5; count++) await stopped.step('over');
    assert.equal(stopped.function, 'start');
  });

  it('into a tail call arrives in the function', async () => {
    const stopped = await at(commented('tail call'));
    for (let count = 0; stopped.function === 'tail' && count < 5; count++) await stopped.step('in');
    assert.equal(stopped.function, 'twice');
  });

  it('over a recursive call comes back in its own frame', async () => {
    const stopped = await at(commented('recursion'), 2);
    const sp = stopped.hart.getX(2);
    await stopped.step('over');
    assert.equal(stopped.hart.getX(2), sp);
    assert.equal(stopped.line, commented('behind the recursion'));
  });

  it('behind the last line of a recursive call is back in its caller', async () => {
    const stopped = await at(commented('behind the recursion'));
    const sp = stopped.hart.getX(2);
    for (let count = 0; stopped.hart.getX(2) === sp && count < 8; count++) await stopped.step('over');
    assert.equal(stopped.line, commented('recursion'));
  });

  it('over a line with several calls runs all of them', async () => {
    const stopped = await at(commented('three calls'));
    await stopped.step('over');
    assert.equal(stopped.line, commented('behind them'));
  });

  it('into a line with several calls enters the first one', async () => {
    const stopped = await at(commented('three calls'));
    await stopped.step('in');
    assert.equal(stopped.function, 'half');
  });

  it('can go into each call of a line, and runs the others', async () => {
    const labels = (stopped: Stopped) =>
      stepTargets(stopped.debuggee, stopped.hart).map(({ label }) => label);
    const stopped = await at(commented('three calls'));
    const [first, second, third, ...others] = labels(stopped);
    assert.deepEqual([first, second, others], ['half', 'twice', []]);
    assert.match(third!, /^call through a\d$/);
    for (const [index, callee, argument] of [
      [0, 'half', 8n],
      [1, 'twice', 4n],
      [2, 'half', 8n],
    ] as const) {
      const again = await at(commented('three calls'));
      const into = stepTargets(again.debuggee, again.hart)[index]!.address;
      await again.step('in', 'statement', { policy: defaultStepPolicy, into });
      assert.equal(again.function, callee);
      assert.equal(again.hart.getX(10), argument);
    }
  });

  it('into a call that the line does not come to ends behind the line', async () => {
    const stopped = await at(commented('recursion'), 2);
    // `n *= factorial(n - 1)`: a target of another line.
    await stopped.step('in', 'statement', { into: 0x1000n });
    assert.equal(stopped.line, commented('behind the recursion'));
  });

  it('lists a tail call as a target', async () => {
    const stopped = await at(commented('tail call'));
    assert.deepEqual(
      stepTargets(stopped.debuggee, stopped.hart).map(({ label }) => label),
      ['twice'],
    );
  });

  it('over a loop of one line runs all its turns at full speed', async () => {
    const stopped = await at(commented('loop'));
    const { instructions } = stopped.debuggee.target;
    await stopped.step('over');
    assert.equal(stopped.line, commented('behind the loop'));
    assert.ok(stopped.debuggee.target.instructions - instructions > 1_000_000);
    assert.ok(stopped.looks < fewLooks, `${stopped.looks} looks`);
  });

  it('over a call that leaves by a jump goes on until something else stops the machine', async () => {
    const stopped = await at(commented('never comes back'));
    const { debuggee } = stopped;
    const landed = await resolve(stopped, commented('landed'));
    debuggee.target.setBreakpoints(landed);
    await assert.rejects(stopped.step('over'), /breakpoint/);
  });

  it('behind the last line of a function is back in the caller', async () => {
    const stopped = await at(commented('behind them'));
    for (let count = 0; stopped.function === 'several' && count < 5; count++) await stopped.step('over');
    assert.equal(stopped.line, commented('calls several'));
    await stopped.step('over');
    assert.equal(stopped.line, next(commented('calls several')));
  });
});

async function resolve({ debuggee }: Stopped, spec: string): Promise<readonly bigint[]> {
  const resolution = await resolveSpec(debuggee, spec);
  assert.ok(resolution.kind === 'resolved');
  return resolution.armed;
}
