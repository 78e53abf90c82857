import assert from 'node:assert/strict';
import type { JudgedStop, RunRequest, Target, TargetStop } from '../target/target';
import { FilteredTarget } from './filtered-target';

describe('a filtered target', () => {
  const at = (pc: bigint): JudgedStop => ({ kind: 'breakpoint', hart: 0, pc });

  /** Whether a stop at this pc ends a run that wants even addresses, on a target that wants those divisible by 3. */
  async function wants(pc: bigint): Promise<boolean> {
    const judge = (stop: JudgedStop, divisor: bigint) =>
      stop.kind === 'breakpoint' && stop.pc % divisor === 0n;
    const requests: RunRequest[] = [];
    const run = (request: RunRequest): Promise<TargetStop> => {
      requests.push(request);
      return Promise.resolve({ kind: 'pause' });
    };
    const target = new FilteredTarget({ harts: [], csrs: [], run } as unknown as Target, (stop) =>
      judge(stop, 3n),
    );
    await target.run({ kind: 'step', hart: 1, isWanted: (stop) => judge(stop, 2n) });
    const [{ isWanted, ...request }] = requests as [RunRequest];
    assert.deepEqual(request, { kind: 'step', hart: 1 });
    return isWanted!(at(pc));
  }

  it('passes requests on with its own judgement added to theirs', async () => {
    assert.deepEqual(await Promise.all([1n, 2n, 3n, 6n].map(wants)), [false, false, false, true]);
  });
});
