import assert from 'node:assert/strict';
import { StackImage, textStart } from './stack-image.test-support';
import { layout } from './stack-image.test-support';
import type { RecordedChain } from './true-walk';
import { walkTrue } from './true-walk';
import type { WalkInput, WalkStart } from './types';

const pc = textStart + 0x100n;
const caller = textStart + 0x200n;
const interrupted = textStart + 0x300n;
const outermost = textStart + 0x400n;
const low = 0xffff_ffc0_0000_0000n;
const irqLow = 0xffff_ffc0_0010_0000n;

function input(start: WalkStart): WalkInput {
  const image = new StackImage();
  const stacks = [image.add('task', low, 0x4000n), image.add('irq', irqLow, 0x4000n)];
  return {
    start,
    memory: () => assert.fail('memory is not read'),
    stacks,
    finalRecord: undefined,
    layout,
    isKernelText: () => true,
  };
}
const live = { kind: 'registers', pc, fp: 1n, sp: irqLow + 0x3f00n } as const;

const user: RecordedChain['origin'] = {
  kind: 'user',
  trap: { cause: 8n, epc: 0x1234n, tval: 0n },
  sp: 0x7ff0n,
};
const interrupt = { cause: (1n << 63n) | 5n, epc: interrupted, tval: 0n };
const chain: RecordedChain = {
  transfers: [
    { kind: 'call', returnAddress: caller, sp: irqLow + 0x4000n },
    { kind: 'trap', trap: interrupt, sp: low + 0x3800n },
    { kind: 'call', returnAddress: outermost, sp: low + 0x3c00n },
  ],
  origin: user,
};

describe('walkTrue', () => {
  it('shows the pc, what was called and what trapped, back to user mode', () => {
    const { frames, end, reliable } = walkTrue(input(live), chain);
    assert.deepEqual(
      frames.map(({ pc, mark, isReturnAddress }) => [pc, mark, isReturnAddress]),
      [
        [pc, 'C', false],
        [caller, 'C', true],
        [interrupted, 'P', false],
        [outermost, 'C', true],
      ],
    );
    assert.deepEqual(
      frames.map(({ stack }) => stack?.kind),
      ['irq', 'irq', 'task', 'task'],
    );
    assert.equal(end.reason, 'entered from user mode by environment call from U-mode at 0x1234');
    assert.ok(reliable);
  });

  it('gives each frame the sp that its function was entered with, and the one at its pc', () => {
    const { frames } = walkTrue(input(live), chain);
    const sps = [irqLow + 0x4000n, low + 0x3800n, low + 0x3c00n];
    assert.deepEqual(
      frames.map(({ fp }) => fp),
      [...sps, user.sp],
    );
    assert.deepEqual(
      frames.slice(1).map(({ registers }) => registers.get(2)),
      sps,
    );
    assert.deepEqual(frames[2]!.origin, {
      kind: 'recorded',
      sp: low + 0x3800n,
      trap: { cause: interrupt.cause, tval: 0n },
    });
  });

  it('begins where a blocked task will go on', () => {
    const start = { kind: 'blocked', pc: caller, fp: 0n, sp: low, isReturnAddress: true } as const;
    const origin = { kind: 'start', pc: outermost, sp: low + 0x3f00n } as const;
    const { frames, end } = walkTrue(input(start), { ...chain, origin });
    assert.deepEqual(
      frames.map(({ pc, mark }) => [pc, mark]),
      [
        [caller, 'T'],
        [interrupted, 'P'],
        [outermost, 'C'],
      ],
    );
    assert.equal(end.reason, `execution began at 0x${outermost.toString(16)}`);
  });

  it('has one frame of a task that has not run yet', () => {
    const start = { kind: 'blocked', pc: outermost, fp: 0n, sp: low, isReturnAddress: false } as const;
    const { frames, end } = walkTrue(input(start), undefined);
    assert.equal(frames.length, 1);
    assert.deepEqual([end.kind, end.reason], ['final', 'the task has not run yet']);
  });

  it('is not reliable where calls were forgotten or not recorded, nor in user mode', () => {
    for (const { frames, end, reliable, verdict } of [
      walkTrue(input(live), { ...chain, origin: { kind: 'lost' } }),
      walkTrue(input(live), undefined),
      walkTrue(input({ kind: 'user', pc: 0x1234n, fp: 0n }), undefined),
    ]) {
      assert.ok(frames.length > 0);
      assert.equal(end.kind, 'error');
      assert.ok(!reliable && verdict.endsWith(end.reason));
    }
  });
});
