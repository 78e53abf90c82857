import assert from 'node:assert/strict';
import type { Kernel } from './api';
import { known } from '../unwind/registers.test-support';
import { csr } from './csr';
import { createKernel } from './kernel';
import { SampleMemory, addressOf, hart, loadSample, offsetOf } from './sample.test-support';

const program = loadSample('metadata');
const kernel = createKernel(program);
const at = (name: string) => addressOf(program, name);
const member = (name: string) => offsetOf(program, 'task_struct', name);

const initTask = at('init_task');
const initStack = at('init_stack');
const loadOffset = 0xffffffff80000000n - 0x80200000n;

/** A second task, as the kernel would make it: in memory of its own, linked behind init_task. */
const otherTask = 0xffffffc600001000n;
const otherStack = 0xffffffc600008000n;

function memoryWithTasks(): SampleMemory {
  const memory = new SampleMemory(program);
  for (let offset = 0n; offset < 1024n; offset += 8n) memory.write64(otherTask + offset, 0n);
  for (let offset = 0n; offset < 0x4000n; offset += 8n) memory.write64(otherStack + offset, 0n);
  memory.write64(otherTask + member('stack'), otherStack);
  memory.write32(otherTask + member('pid'), 7);
  memory.write32(otherTask + member('thread_info.cpu'), 1);
  memory.write64(otherTask + member('comm'), 0x6873n);
  memory.write64(initTask + member('tasks'), otherTask + member('tasks'));
  memory.write64(otherTask + member('tasks'), initTask + member('tasks'));
  memory.write64(otherStack + 0x4000n - 16n, 1n);
  return memory;
}

describe('createKernel', () => {
  describe('boot addresses', () => {
    it('come from the segment with the entry', () => {
      assert.equal(kernel.bootOffset, loadOffset);
    });

    it('follow the segments to where a boot loader has put them', () => {
      const segments = program.segments.map((segment) => ({
        ...segment,
        physicalAddress: segment.physicalAddress + 0x3e00000n,
      }));
      const moved = createKernel({ ...program, segments });
      assert.deepEqual(moved.linkAddress(0x84000010n, true), {
        address: 0xffffffff80000010n,
        physical: true,
      });
    });

    it('turn a physical pc into its link-time address, if it may be physical', () => {
      assert.deepEqual(kernel.linkAddress(0x80200010n, true), {
        address: 0xffffffff80000010n,
        physical: true,
      });
      assert.deepEqual(kernel.linkAddress(0x80200010n, false), { address: 0x80200010n, physical: false });
      assert.deepEqual(kernel.linkAddress(0x1000n, true), { address: 0x1000n, physical: false });
    });

    it('give both addresses at which the image may run, and one for user code', () => {
      assert.deepEqual(kernel.runAddresses(0xffffffff80000010n), [0xffffffff80000010n, 0x80200010n]);
      assert.deepEqual(kernel.runAddresses(0x10010n), [0x10010n]);
    });

    it('are one address in a kernel that is linked where it runs', () => {
      const machine = createKernel(loadSample('m-mode'));
      assert.equal(machine.bootOffset, 0n);
      assert.deepEqual(machine.runAddresses(0x80000010n), [0x80000010n]);
      assert.deepEqual(machine.linkAddress(0x80000010n, true), { address: 0x80000010n, physical: false });
    });
  });

  describe('kernel text (R18)', () => {
    it('is the head, init and ordinary text', () => {
      for (const name of ['_start', 'start_kernel', 'handle_exception', 'setup_per_cpu_areas'])
        assert.equal(kernel.isKernelText(at(name)), true, name);
    });

    it('is neither data nor a user program in the image', () => {
      assert.equal(kernel.isKernelText(initTask), false);
      assert.equal(kernel.isKernelText(0x10000n), false);
      const machine = loadSample('m-mode');
      assert.equal(createKernel(machine).isKernelText(addressOf(machine, '__user_image')), false);
    });
  });

  describe('tasks', () => {
    it('are read along the list from init_task', () => {
      const tasks = kernel.tasks(memoryWithTasks().read);
      assert.deepEqual(
        tasks.map(({ address, pid, comm }) => [address, pid, comm]),
        [
          [initTask, 0, 'swapper/0'],
          [otherTask, 7, 'sh'],
        ],
      );
      assert.deepEqual(tasks[1]!.stack, {
        kind: 'task',
        name: 'task stack of sh (pid 7)',
        low: otherStack,
        high: otherStack + 0x4000n,
      });
      assert.equal(tasks[1]!.ptRegs, otherStack + 0x4000n - 320n);
      assert.equal(tasks[1]!.finalRecord, otherStack + 0x4000n - 32n);
    });

    it('end at a list that leads nowhere, or round and round', () => {
      const memory = memoryWithTasks();
      memory.write64(otherTask + member('tasks'), 0x1234_5678n);
      assert.equal(kernel.tasks(memory.read).length, 2);
      memory.write64(otherTask + member('tasks'), otherTask + member('tasks'));
      assert.equal(kernel.tasks(memory.read).length, 2);
    });

    it('are none where memory cannot be read', () => {
      assert.deepEqual(
        kernel.tasks(() => undefined),
        [],
      );
    });

    it('have no control characters in their names', () => {
      const memory = memoryWithTasks();
      memory.write64(otherTask + member('comm'), 0x1b5b41n);
      assert.equal(kernel.tasks(memory.read)[1]!.comm, 'A[?');
    });
  });

  describe('the task that a hart runs', () => {
    const memory = memoryWithTasks().read;
    const current = (values: Parameters<typeof hart>[0]) => kernel.currentTask(hart(values), memory)?.address;
    const scratch = (value: bigint) => ({ csrs: { [csr.sscratch]: value } });

    it('is tp in the kernel and sscratch in user mode', () => {
      assert.equal(current({ tp: otherTask }), otherTask);
      assert.equal(current({ privilege: 'user', tp: 0x3000n, ...scratch(otherTask) }), otherTask);
    });

    it('is found while handle_exception exchanges tp and sscratch', () => {
      const entry = at('handle_exception');
      const fromKernel = 1n << 8n;
      const inEntry = (pc: bigint, tp: bigint, sscratch: bigint, sstatus = 0n) =>
        current({ pc, tp, csrs: { [csr.sscratch]: sscratch, [csr.sstatus]: sstatus } });
      // A user may have the address of any task in tp.
      assert.equal(inEntry(entry, initTask, otherTask), otherTask, 'from the user, before the exchange');
      assert.equal(inEntry(entry + 4n, otherTask, initTask), otherTask, 'from the user, behind it');
      assert.equal(
        inEntry(entry, otherTask, 0n, fromKernel),
        otherTask,
        'from the kernel, before the exchange',
      );
      assert.equal(inEntry(entry + 4n, 0n, otherTask, fromKernel), otherTask, 'from the kernel, behind it');
    });

    it('is found while ret_from_exception gives tp back to the user', () => {
      const end = at('ret_from_exception_end') - 4n;
      const leaving = (tp: bigint, sscratch: bigint) =>
        current({ pc: end, tp, csrs: { [csr.sscratch]: sscratch } });
      assert.equal(leaving(initTask, otherTask), otherTask, 'to the user');
      assert.equal(leaving(otherTask, 0n), otherTask, 'to the kernel');
    });

    it('is tp in all other kernel code, whatever is in sscratch', () => {
      assert.equal(current({ pc: at('start_kernel'), tp: otherTask, ...scratch(initTask) }), otherTask);
      assert.equal(current({ pc: at('start_kernel'), tp: 0x3000n, ...scratch(otherTask) }), undefined);
    });

    it('is none where nothing is at tp that can be a task', () => {
      assert.equal(current({ tp: 0n }), undefined);
      assert.equal(current({ tp: otherTask + 4n }), undefined);
      assert.equal(current({ tp: otherStack }), undefined);
      assert.equal(current({ tp: 0xffffffffffff0000n }), undefined);
    });

    it('is in mscratch in an M-mode kernel', () => {
      const machine = loadSample('m-mode');
      const task = addressOf(machine, 'init_task');
      const state = hart({ privilege: 'user', bare: true, csrs: { [csr.mscratch]: task } });
      const found = createKernel(machine).currentTask(state, new SampleMemory(machine).read);
      assert.equal(found?.address, task);
    });
  });

  describe('the context of a hart', () => {
    it("has the task's stack first and the stacks of its CPU (R5)", () => {
      const memory = memoryWithTasks();
      memory.write64(at('__per_cpu_offset') + 8n, 0x10000n);
      memory.write64(at('irq_stack_ptr') + 0x10000n, 0xffffffc600010000n);
      const { stacks, task } = kernel.hartContext(hart({ tp: otherTask }), memory.read);
      const overflow = at('overflow_stack') + 0x10000n;
      assert.equal(task?.pid, 7);
      assert.deepEqual(stacks.slice(1), [
        {
          kind: 'irq',
          name: 'IRQ stack of CPU 1',
          low: 0xffffffc600010000n,
          high: 0xffffffc600014000n,
        },
        { kind: 'overflow', name: 'overflow stack of CPU 1', low: overflow, high: overflow + 4096n },
      ]);
    });

    it('has no IRQ stack before the kernel has one, and none for a CPU that cannot be', () => {
      const memory = memoryWithTasks();
      const kinds = () =>
        kernel.hartContext(hart({ tp: otherTask }), memory.read).stacks.map(({ kind }) => kind);
      assert.deepEqual(kinds(), ['task', 'overflow']);
      memory.write32(otherTask + member('thread_info.cpu'), 99);
      assert.deepEqual(kinds(), ['task']);
    });

    it('starts at the user pc in user mode', () => {
      const state = hart({ privilege: 'user', pc: 0x10010n, s0: 0x7000n, sp: 0x6000n });
      const { start } = kernel.hartContext(state, memoryWithTasks().read);
      assert.deepEqual([start.kind, start.pc, start.fp], ['user', 0x10010n, 0x7000n]);
      assert.equal(start.kind === 'user' && start.registers?.get(2), 0x6000n);
    });

    it('has physical addresses while the MMU is off', () => {
      const physical = new SampleMemory(program, { physical: true });
      const state = hart({ bare: true, tp: initTask - loadOffset, sp: initStack + 0x3ec0n - loadOffset });
      const { task, stacks, note } = kernel.hartContext(state, physical.read);
      assert.equal(task?.address, initTask);
      assert.equal(stacks[0]!.low, initStack - loadOffset);
      assert.equal(stacks[0]!.high, initStack - loadOffset + 0x4000n);
      assert.match(note!, /^no frame record exists yet: the MMU is off/);
    });
  });

  describe('the note on a start', () => {
    const inside = otherStack + 0x3000n;
    const note = (values: Parameters<typeof hart>[0], of: Kernel = kernel, memory = memoryWithTasks()) =>
      of.hartContext(hart({ tp: otherTask, sp: inside, s0: inside + 64n, ...values }), memory.read).note;

    it('is absent in ordinary kernel code and in user mode', () => {
      assert.equal(note({ pc: at('start_kernel') }), undefined);
      assert.equal(note({ pc: 0x10000n, privilege: 'user' }), undefined);
    });

    it('says that no record exists where tp is no task', () => {
      assert.equal(note({ tp: 0n }), 'no frame record exists yet: tp 0x0 is no task');
    });

    it('says that a hart in M-mode is not in an S-mode kernel', () => {
      assert.match(note({ privilege: 'machine', bare: true, pc: 0x80000000n })!, /in the firmware/);
    });

    it('says that a hart that was never started runs nothing', () => {
      assert.equal(
        note({ privilege: 'machine', bare: true, started: false }),
        'the hart is stopped and runs nothing',
      );
    });

    it("says that no record exists while the task's own is not written", () => {
      const memory = memoryWithTasks();
      memory.write64(otherStack + 0x4000n - 16n, 0n);
      assert.match(note({}, kernel, memory)!, /^no frame record exists yet: the task's own FINAL record/);
    });

    it('says whose s0 it is until handle_exception has written its record, and no longer', () => {
      const pc = at('handle_exception') + 4n;
      assert.match(
        note({ pc, csrs: { [csr.sepc]: 0x10770n } })!,
        /not written yet: s0 is still that of the code interrupted at 0x10770, which is missing here$/,
      );
      assert.equal(note({ pc, s0: inside + 304n }), undefined);
    });

    it('says that s0 is given back in ret_from_exception', () => {
      assert.match(note({ pc: at('ret_from_exception') + 8n })!, /are being restored/);
      assert.equal(note({ pc: at('ret_from_exception'), s0: inside + 304n }), undefined);
    });

    it('says that a kernel without metadata marks no boundaries', () => {
      const legacy = loadSample('legacy');
      const tp = addressOf(legacy, 'init_task');
      const memory = new SampleMemory(legacy);
      assert.match(note({ tp }, createKernel(legacy), memory)!, /writes no frame record metadata/);
    });

    it('says what is missing in handle_exception of a kernel without metadata', () => {
      const legacy = loadSample('legacy');
      const tp = addressOf(legacy, 'init_task');
      const pc = addressOf(legacy, 'handle_exception') + 4n;
      assert.match(
        note({ tp, pc, csrs: { [csr.sepc]: 0x10770n } }, createKernel(legacy), new SampleMemory(legacy))!,
        /^this kernel writes no frame record for an exception: the code interrupted at 0x10770 is missing here$/,
      );
    });

    it('says that tasks are unknown where the program describes none', () => {
      const types = { struct: () => undefined, enumerator: () => undefined };
      assert.match(note({}, createKernel({ ...program, types }))!, /no type information/);
    });
  });

  describe('the context of a blocked task', () => {
    const memory = memoryWithTasks();
    const s = (n: number) => otherTask + member('thread.s') + BigInt(8 * n);
    memory.write64(otherTask + member('thread.ra'), at('schedule') + 20n);
    memory.write64(otherTask + member('thread.sp'), otherStack + 0x3000n);
    memory.write64(s(0), otherStack + 0x3040n);
    memory.write64(s(2), 22n);
    memory.write64(s(11), 1111n);
    const task = kernel.tasks(memory.read)[1]!;

    it('starts from thread.ra and thread.s[0] with the registers that __switch_to saved', () => {
      const { start, stacks, note } = kernel.blockedContext(task, memory.read);
      assert.equal(start.kind, 'blocked');
      assert.equal(start.pc, at('schedule') + 20n);
      assert.equal(start.fp, otherStack + 0x3040n);
      assert.equal(start.isReturnAddress, true);
      assert.deepEqual(
        [...known(start.registers!).keys()],
        [1, 2, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27],
      );
      assert.equal(start.registers!.get(18), 22n);
      assert.equal(start.registers!.get(27), 1111n);
      assert.deepEqual(stacks, [task.stack]);
      assert.equal(note, undefined);
    });

    it('knows that a task that never ran will start a function, not return to one', () => {
      memory.write64(otherTask + member('thread.ra'), at('ret_from_fork_kernel_asm'));
      const { start } = kernel.blockedContext(task, memory.read);
      assert.ok(start.kind === 'blocked' && !start.isReturnAddress);
    });

    it('is doubtful while the task runs', () => {
      memory.write32(otherTask + member('on_cpu'), 1);
      assert.match(kernel.blockedContext(task, memory.read).note!, /runs on a CPU/);
    });
  });
});
