import assert from 'node:assert/strict';
import type { Kernel } from '../kernel/api';
import type { JudgedStop, RunRequest, Target, TargetStop } from '../target/target';
import { BootWatch } from './boot-watch';

const milestone = 0x100n;
const moduleMilestone = 0x3000n;
const slide = 0x1000n;

/** A target whose runs end as the script says, and a kernel that has moved at the first look. */
function scripted(...stops: TargetStop[]) {
  const armed: bigint[][] = [];
  const requests: RunRequest[] = [];
  const target = {
    harts: [],
    csrs: [],
    run: (request: RunRequest) => {
      requests.push(request);
      for (;;) {
        const stop = stops.shift()!;
        if (stop.kind !== 'breakpoint' || (request.isWanted?.(stop) ?? true)) return Promise.resolve(stop);
      }
    },
    setBreakpoints: (addresses: Iterable<bigint>) => armed.push([...addresses]),
    pause: () => undefined,
  } as unknown as Target;
  let moved = false;
  const kernel = {
    milestones: [milestone],
    moduleMilestones: [moduleMilestone],
    observe: () => !moved && (moved = true),
    runAddresses: (address: bigint) => [moved ? address + slide : address, address + 1n],
  } as unknown as Kernel;
  return { watch: new BootWatch(target, kernel), armed, requests };
}

const at = (pc: bigint): TargetStop => ({ kind: 'breakpoint', hart: 0, pc });
const request: RunRequest = { kind: 'continue' };

describe('a watched boot', () => {
  it('stops at milestones unseen, tells of the change, and goes on with the same request', async () => {
    const { watch, armed, requests } = scripted(at(milestone), at(0x40n));
    assert.deepEqual(armed, [[milestone, milestone + 1n, moduleMilestone, moduleMilestone + 1n]]);
    watch.setBreakpoints([0x20n]);
    watch.onChange = () => watch.setBreakpoints([0x40n]);
    assert.deepEqual(await watch.run(request), at(0x40n));
    assert.deepEqual(
      requests.map(({ kind }) => kind),
      ['continue', 'continue'],
    );
    assert.deepEqual(armed.at(-1), [
      0x40n,
      ...[milestone + slide, milestone + 1n],
      ...[moduleMilestone + slide, moduleMilestone + 1n],
    ]);
  });

  it('tells of a change each time that a module comes or goes', async () => {
    const { watch } = scripted(at(moduleMilestone), at(moduleMilestone + slide), at(0x40n));
    let changes = 0;
    watch.onChange = () => {
      changes++;
    };
    watch.setBreakpoints([0x40n]);
    assert.deepEqual(await watch.run(request), at(0x40n));
    // The last stop changed nothing, and the first one found that the kernel has moved as well.
    assert.equal(changes, 2);
  });

  it('reports a milestone where somebody has set a breakpoint', async () => {
    const { watch } = scripted(at(milestone));
    let changes = 0;
    watch.onChange = () => {
      changes++;
    };
    watch.setBreakpoints([milestone]);
    assert.deepEqual(await watch.run(request), at(milestone));
    assert.equal(changes, 1);
  });

  it('asks whether a stop is wanted in the midst of the run, and at a milestone once breakpoints have followed', async () => {
    const { watch, requests } = scripted(at(0x20n), at(milestone), at(0x20n), at(0x40n));
    watch.setBreakpoints([0x20n, 0x40n, milestone]);
    const asked: string[] = [];
    watch.onChange = () => {
      asked.push('change');
    };
    const isWanted = (stop: JudgedStop): boolean => {
      const pc = stop.kind === 'breakpoint' ? stop.pc : 0n;
      asked.push(pc.toString(16));
      return pc === 0x40n;
    };
    assert.deepEqual(await watch.run({ ...request, isWanted }), at(0x40n));
    assert.deepEqual(asked, ['20', 'change', '100', '20', '40']);
    assert.equal(requests.length, 2);
  });

  it('looks at every stop: a step may end on a milestone, which is then passed', async () => {
    const { watch } = scripted({ kind: 'step', hart: 0 });
    let changes = 0;
    watch.onChange = () => {
      changes++;
    };
    assert.equal((await watch.run({ kind: 'step', hart: 0 })).kind, 'step');
    assert.equal(changes, 1);
  });

  it('can be paused while breakpoints follow', async () => {
    const { watch } = scripted(at(milestone));
    watch.onChange = () => {
      watch.pause();
    };
    assert.deepEqual(await watch.run(request), { kind: 'pause' });
  });
});
