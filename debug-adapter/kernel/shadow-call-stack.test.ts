import assert from 'node:assert/strict';
import { compareWithShadow } from '../unwind/shadow-call-stack';
import type { Frame, FrameOrigin } from '../unwind/types';
import { KernelImage } from './kernel-image';
import { KernelMemory } from './kernel-memory';
import { PerCpu } from './per-cpu';
import { hart } from './sample.test-support';
import { ShadowCallStacks } from './shadow-call-stack';
import { programWith, taskAt, Words } from './structs.test-support';

const task = taskAt(0xffff_ffc6_0000_1000n);
const stack = 0xffff_ffc6_0010_0000n;
const irqStack = 0xffff_ffc6_0011_0000n;
const irqPointer = 0xffff_ffc6_0003_0000n;
const ra = (n: number) => 0xffff_ffff_8000_4000n + BigInt(16 * n);

const program = programWith(
  { irq_shadow_call_stack_ptr: irqPointer },
  { task_struct: { size: 64, members: { 'thread_info.scs_base': 0, 'thread_info.scs_sp': 8 } } },
);
const image = new KernelImage(program);
const shadows = new ShadowCallStacks(program, new PerCpu(program, image));

function memory(): Words {
  const words = new Words();
  words.write(task.address, stack, stack + 24n);
  words.write(stack, ra(1), ra(2), ra(3), ra(4));
  words.write(irqPointer, irqStack);
  words.write(irqStack, ra(5), ra(6));
  return words;
}

const read = (words: Words) => new KernelMemory(words.memory, image);

describe('the shadow call stack', () => {
  it('of a task that waits ends at the pointer that it was switched out with', () => {
    assert.deepEqual(shadows.ofBlocked(task, read(memory())), [ra(3), ra(2), ra(1)]);
  });

  it('of a hart ends at gp', () => {
    assert.deepEqual(shadows.ofHart(hart({ gp: stack + 16n }), task, read(memory())), [ra(2), ra(1)]);
    assert.deepEqual(shadows.ofHart(hart({ gp: stack }), task, read(memory())), []);
  });

  it('of a hart on its IRQ stack goes on with that of the task', () => {
    const onIrq = hart({ gp: irqStack + 16n });
    assert.deepEqual(shadows.ofHart(onIrq, task, read(memory())), [ra(6), ra(5), ra(3), ra(2), ra(1)]);
  });

  it('is unknown in user mode, and where gp is in neither stack', () => {
    const words = memory();
    assert.equal(shadows.ofHart(hart({ gp: stack + 16n, privilege: 'user' }), task, read(words)), undefined);
    for (const gp of [0n, stack - 8n, stack + 4104n, stack + 12n, irqStack + 4104n])
      assert.equal(shadows.ofHart(hart({ gp }), task, read(words)), undefined);
  });

  it('is none in a kernel without it, and where it cannot be read', () => {
    const without = programWith({}, {});
    const none = new ShadowCallStacks(without, new PerCpu(without, image));
    assert.equal(none.ofBlocked(task, read(memory())), undefined);
    assert.equal(shadows.ofBlocked(task, new KernelMemory(() => undefined, image)), undefined);
    const words = memory();
    words.write(task.address, 0n);
    assert.equal(shadows.ofBlocked(task, read(words)), undefined);
  });
});

describe('a walk beside the shadow call stack', () => {
  const frame = (pc: bigint, origin: FrameOrigin, isReturnAddress = true): Frame => ({
    pc,
    mark: 'C',
    isReturnAddress,
    stack: undefined,
    origin,
    fp: 0n,
    registers: new Map(),
    rule: 'R6',
    reason: '',
  });
  const record = (pc: bigint, saved = pc) => frame(pc, { kind: 'record', address: 0n, fp: 0n, ra: saved });
  const live = frame(ra(0), { kind: 'live' }, false);

  it('agrees where it has all addresses in order, as they were saved', () => {
    const frames = [live, record(ra(1)), record(ra(7)), record(ra(8), ra(2)), record(ra(3))];
    assert.deepEqual(compareWithShadow([ra(1), ra(2), ra(3)], frames), {
      agreeing: 3,
      total: 3,
      missing: undefined,
    });
    assert.deepEqual(compareWithShadow([], frames), { agreeing: 0, total: 0, missing: undefined });
  });

  it('does not where one is missing, and names the first', () => {
    const frames = [live, record(ra(1)), record(ra(3))];
    assert.deepEqual(compareWithShadow([ra(1), ra(2), ra(3)], frames), {
      agreeing: 1,
      total: 3,
      missing: ra(2),
    });
    // The live pc is no return address.
    assert.equal(compareWithShadow([ra(0)], frames).missing, ra(0));
  });
});
