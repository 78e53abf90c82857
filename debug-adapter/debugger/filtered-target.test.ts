import assert from 'node:assert/strict';
import type { RunRequest, Target, TargetStop } from '../target/target';
import { FilteredTarget } from './filtered-target';

describe('a filtered target', () => {
  it('repeats a request until a stop is wanted', async () => {
    const stops: TargetStop[] = [
      { kind: 'breakpoint', hart: 0, pc: 2n },
      { kind: 'breakpoint', hart: 0, pc: 4n },
      { kind: 'breakpoint', hart: 0, pc: 6n },
    ];
    const requests: RunRequest[] = [];
    const run = (request: RunRequest): Promise<TargetStop> => {
      requests.push(request);
      return Promise.resolve(stops[requests.length - 1]!);
    };
    const target = new FilteredTarget(
      { harts: [], csrs: [], run } as unknown as Target,
      (stop) => stop.kind === 'breakpoint' && stop.pc === 4n,
    );
    const request: RunRequest = { kind: 'step', hart: 0 };
    assert.deepEqual(await target.run(request), stops[1]);
    assert.deepEqual(requests, [request, request]);
  });
});
