import assert from 'node:assert/strict';
import { KernelImage } from '../kernel/kernel-image';
import { createKernel } from '../kernel/kernel';
import { addressOf, loadSample } from '../kernel/sample.test-support';
import type { ReadMemory, StackBounds } from '../unwind/types';
import { callFrameStep } from './call-frame-step';

const program = loadSample('metadata');
const kernel = createKernel(program);
const callFrames = program.callFrames!;
const low = 0xffff_ffc0_0000_0000n;
const stacks: readonly StackBounds[] = [{ kind: 'task', name: 'task stack', low, high: low + 0x1000n }];
const sp = low + 0x800n;
const registers = new Map([
  [1, 0x1111n],
  [2, sp],
  [8, low + 0x900n],
]);
/** Each word holds its own address. */
const memory: ReadMemory = (address, length) => {
  const view = new DataView(new ArrayBuffer(length));
  view.setBigUint64(0, address, true);
  return new Uint8Array(view.buffer);
};
const step = (more: Partial<Parameters<typeof callFrameStep>[0]> = {}) =>
  callFrameStep({ callFrames, kernel, bare: false, memory, stacks, ...more });
const doIrq = addressOf(program, 'do_irq');

describe('a step by call frame information', () => {
  it('finds the caller in ra where a function begins', () => {
    const caller = step()(doIrq, false, registers);
    assert.ok(caller.kind === 'caller');
    assert.deepEqual([caller.pc, caller.pcAt, caller.cfa], [0x1111n, undefined, sp]);
    assert.equal(caller.isInterrupted, undefined);
  });

  it('looks a return address up one byte before', () => {
    const { end } = callFrames.at(doIrq)!;
    const saved = step()(end, false, registers);
    const before = step()(end, true, registers);
    assert.ok(saved.kind === 'caller' && before.kind === 'caller');
    assert.notEqual(saved.cfa, before.cfa);
    assert.equal(before.cfa, sp);
  });

  it('knows where the kernel runs: at physical addresses on a hart without its MMU, and where it has moved itself', () => {
    const physical = new KernelImage(program).linkToPhysical(doIrq)!;
    assert.equal(step({ bare: true })(physical, false, registers).kind, 'caller');
    assert.equal(step()(physical, false, registers).kind, 'uncovered');
    const moved = {
      linkAddress: (pc: bigint) => ({ address: pc - 0x20_0000n, physical: false }),
    };
    assert.equal(step({ kernel: moved })(doIrq + 0x20_0000n, false, registers).kind, 'caller');
  });

  it('reads nothing outside the stacks', () => {
    const inBody = callFrames.at(callFrames.at(callFrames.at(doIrq)!.end)!.end)!.start;
    const outside = new Map([...registers, [2, low + 0x2000n], [8, low + 0x2000n]]);
    const refusal = step()(inBody, false, outside);
    assert.ok(refusal.kind === 'failed');
    assert.match(refusal.reason, /^the return address saved at 0x\w+ cannot be read \(0x\w+\)$/);
  });

  it('says where there is none', () => {
    const entry = addressOf(program, 'handle_exception');
    assert.deepEqual(step()(entry, false, registers), {
      kind: 'uncovered',
      reason: `no call frame information for 0x${entry.toString(16)}`,
    });
  });
});
