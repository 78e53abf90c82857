/** Interrupts and per-CPU variables of a real kernel beside what it says of them itself. */
import assert from 'node:assert/strict';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { hartOfKernel, hartState, memoryOf } from '../../debug-adapter/debugger/harts';
import { describeKernelInterrupt, kernelInterrupts } from '../../debug-adapter/debugger/interrupt-text';
import { launch } from '../../debug-adapter/debugger/launch';
import { perCpuCopies, perCpuNamed } from '../../debug-adapter/debugger/per-cpu-values';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import { linuxInitrd, linuxKernel } from './linux.test-support';

describe('views of Linux 7.3', function () {
  this.timeout(300_000);
  let debuggee: Debuggee;
  let text = '';

  before(async function () {
    const program = linuxKernel(this, 'metadata');
    const options = { append: 'console=ttyS0', smp: 2, memory: '256M', maxInstructions: 400_000_000 };
    debuggee = await launch({ ...options, program, initrd: linuxInitrd }, createNodeFiles());
    debuggee.target.onConsoleOutput = (bytes) => (text += new TextDecoder('latin1').decode(bytes));
  });

  async function runTo(place: string): Promise<void> {
    const resolution = await resolveSpec(debuggee, place);
    assert.ok(resolution.kind === 'resolved', place);
    debuggee.target.setBreakpoints(resolution.armed);
    assert.equal((await debuggee.target.run({ kind: 'continue' })).kind, 'breakpoint');
  }

  it('have the interrupts that /proc/interrupts has, with who handles them and how often', async () => {
    // Called once for each reading of the file, when the lines of all interrupts are made.
    await runTo('arch_show_interrupts');
    const found = kernelInterrupts(debuggee)!;
    const parse = (line: string) => {
      const [, number, counts, rest] = /^ *(\d+):((?: +\d+)+) (.*)$/.exec(line)!;
      const words = rest!
        .trim()
        .replace(/ (Edge|Level) /, ' ')
        .replace(/ +/g, ' ');
      return { number, counts: counts!.trim().split(/ +/).map(Number), words };
    };
    await runTo('do_exit');
    const printed = text
      .replaceAll('\r', '')
      .split('\n')
      .filter((line) => /^ *\d+: +\d/.test(line))
      .slice(0, found.length)
      .map(parse);
    const ours = found.map(describeKernelInterrupt).map(parse);
    assert.ok(ours.length >= 2);
    // /proc/interrupts leaves out what the kernel hides there, such as interrupts between processors.
    const shown = ours.filter(({ number }) => printed.some((one) => one.number === number));
    assert.deepEqual(
      shown.map(({ number, words }) => [number, words]),
      printed.map(({ number, words }) => [number, words]),
    );
    assert.ok(shown.some(({ words }) => words === 'RISC-V INTC 5 riscv-timer'));
    shown.forEach(({ counts }, n) => {
      // A CPU may have been interrupted since its count was printed.
      counts.forEach((count, cpu) =>
        assert.ok(Math.abs(count - printed[n]!.counts[cpu]!) <= 2, shown[n]!.words),
      );
    });
  });

  it('have each CPU its own copy of a variable', () => {
    const [variable] = perCpuNamed(debuggee, 'irq_stack_ptr');
    const copies = perCpuCopies(debuggee, variable!);
    assert.deepEqual(
      copies.map(({ cpu }) => cpu),
      [0, 1],
    );
    assert.notEqual(copies[0]!.value, copies[1]!.value);
    const stacks = debuggee.target.harts.map((hart) => {
      const { stacks } = debuggee.kernel.hartContext(hartState(hart), memoryOf(hart));
      return stacks.find(({ kind }) => kind === 'irq')!.low;
    });
    assert.deepEqual(copies.map(({ value }) => BigInt(value)).toSorted(), stacks.toSorted());
    const queues = perCpuCopies(debuggee, perCpuNamed(debuggee, 'runqueues')[0]!);
    assert.ok(queues.every(({ typed }) => typed?.ok === true && typed.type.kind === 'struct'));
    assert.match(queues[1]!.value, /^\{.*nr_running = \d/);
    const areas = debuggee.kernel.views.cpuAreas(memoryOf(hartOfKernel(debuggee)));
    assert.equal(areas.length, 2);
  });
});
