import assert from 'node:assert/strict';
import type { Program, ProgramSymbol } from '../symbols/api';
import { csr } from './csr';
import { createKernel } from './kernel';
import { addressOf, hart, loadSample, offsetOf, SampleMemory } from './sample.test-support';

const sample = loadSample('metadata');
const at = (name: string) => addressOf(sample, name);
const map = (member: string) => at('kernel_map') + offsetOf(sample, 'kernel_mapping', member);
const loadOffset = 0xffffffff80000000n - 0x80200000n;
const slide = 0x2b200000n;

/** The image in memory as a kernel that has moved itself by `slide` has it, before the MMU is on. */
function movedMemory(physical = 0x80200000n, virtual = 0xffffffff80000000n + slide): SampleMemory {
  const memory = new SampleMemory(sample, { physical: true });
  memory.write64(map('virt_addr') - loadOffset, virtual);
  memory.write64(map('phys_addr') - loadOffset, physical);
  return memory;
}

describe('a kernel that moves itself (KASLR)', () => {
  it('is where it was linked until it has chosen', () => {
    const kernel = createKernel(sample);
    const memory = new SampleMemory(sample, { physical: true });
    assert.equal(kernel.observe(memory.read), false);
    assert.equal(kernel.slide, 0n);
  });

  it('says once that it has moved', () => {
    const kernel = createKernel(sample);
    assert.equal(kernel.observe(movedMemory().read), true);
    assert.equal(kernel.observe(movedMemory().read), false);
    assert.equal(kernel.slide, slide);
  });

  it('is not believed if what it says does not agree with where it is in memory', () => {
    for (const [why, memory] of [
      ['another physical address', movedMemory(0x80400000n)],
      ['no whole page', movedMemory(undefined, 0xffffffff80000800n)],
      ['beyond the end of memory', movedMemory(undefined, 0xfffffffffffff000n)],
      ["the user's half", movedMemory(undefined, 0x80000000n)],
    ] as const) {
      const kernel = createKernel(sample);
      assert.equal(kernel.observe(memory.read), false, why);
      assert.equal(kernel.slide, 0n, why);
    }
  });

  it('has its symbols at physical, then at moved addresses, and no more where it was linked', () => {
    const kernel = createKernel(sample);
    kernel.observe(movedMemory().read);
    const entry = at('handle_exception');
    assert.deepEqual(kernel.runAddresses(entry), [entry + slide, entry - loadOffset]);
    assert.deepEqual(kernel.linkAddress(entry + slide, false), { address: entry, physical: false });
    assert.deepEqual(kernel.linkAddress(entry - loadOffset, true), { address: entry, physical: true });
    assert.equal(kernel.runsKernelText(entry + slide, false), true);
    assert.equal(kernel.runsKernelText(entry, false), false);
    assert.equal(kernel.runsKernelText(entry - loadOffset, true), true);
    assert.equal(kernel.runsKernelText(entry - loadOffset, false), false);
  });

  it('has its tasks and stacks at moved addresses', () => {
    const kernel = createKernel(sample);
    kernel.observe(movedMemory().read);
    const physical = movedMemory();
    const initTask = at('init_task');
    // Relocation has moved the pointer that the image was linked with.
    physical.write64(
      initTask - loadOffset + offsetOf(sample, 'task_struct', 'stack'),
      at('init_stack') + slide,
    );
    const virtual = (address: bigint, length: number) => physical.read(address - slide - loadOffset, length);
    const state = hart({
      pc: at('start_kernel') + slide,
      tp: initTask + slide,
      csrs: { [csr.sscratch]: 0n },
    });
    const { task, stacks } = kernel.hartContext(state, virtual);
    assert.equal(task?.address, initTask + slide);
    assert.deepEqual(stacks[0], {
      ...stacks[0],
      low: at('init_stack') + slide,
      high: at('init_stack') + slide + 0x4000n,
    });
    assert.equal(stacks.at(-1)!.kind, 'overflow');
    assert.equal(stacks.at(-1)!.low, at('overflow_stack') + slide);
  });
});

describe('init text', () => {
  /** The sample frees nothing: a variable of it stands in for Linux's. */
  const systemState = at('boot_cpu_hartid');
  const program = Object.create(sample, {
    symbols: {
      value: {
        symbols: sample.symbols.symbols,
        at: (address: bigint) => sample.symbols.at(address),
        named: (name: string): readonly ProgramSymbol[] =>
          sample.symbols.named(name === 'system_state' ? 'boot_cpu_hartid' : name),
      },
    },
    types: {
      value: {
        struct: (name: string) => sample.types.struct(name),
        enumerator: (name: string) => (name === 'SYSTEM_FREEING_INITMEM' ? 2n : undefined),
      },
    },
  }) as Program;

  it('is known to be gone when the kernel frees it, and stays on the stack of the boot task', () => {
    const kernel = createKernel(program);
    const memory = new SampleMemory(sample, { physical: true });
    const pc = at('start_kernel');
    assert.equal(kernel.isInitText(pc), true);
    assert.equal(kernel.isInitText(at('handle_exception')), false);
    kernel.observe(memory.read);
    assert.equal(kernel.booting, true);
    memory.write32(systemState - loadOffset, 1);
    assert.equal(kernel.observe(memory.read), false);
    assert.equal(kernel.booting, false);
    assert.equal(kernel.runsKernelText(pc, false), true);
    memory.write32(systemState - loadOffset, 2);
    assert.equal(kernel.observe(memory.read), true);
    assert.equal(kernel.initFreed, true);
    assert.equal(kernel.runsKernelText(pc, false), true);
  });
});
