/**
 * A kernel with CONFIG_RANDOMIZE_BASE that moves itself. RISCV_UNWIND_KASLR names a folder with its `Image` and `vmlinux`, which
 * is to have frame pointers and DWARF 5.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { callStack } from '../../debug-adapter/debugger/call-stack';
import { describeHart } from '../../debug-adapter/debugger/threads';
import { launch } from '../../debug-adapter/debugger/launch';
import { locate } from '../../debug-adapter/debugger/location';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import { step } from '../../debug-adapter/debugger/step';
import type { TargetHart } from '../../debug-adapter/target/target';

const folder = process.env['RISCV_UNWIND_KASLR'] ?? '';
const seed = '0x123456789';

describe('a Linux kernel that moves itself (KASLR)', function () {
  this.timeout(120_000);
  before(function () {
    if (folder === '' || !existsSync(join(folder, 'Image'))) {
      this.test!.title += ' (skipped: RISCV_UNWIND_KASLR names no folder with an Image and its vmlinux)';
      this.skip();
    }
  });

  it('stops at labels before it has chosen, before the MMU is on, and where it has moved to', async () => {
    const machine = await Machine.launch({ kaslrSeed: seed });
    const { kernel, program } = machine.debuggee;
    const start = await machine.runTo('_start_kernel');
    assert.equal(start.bare, true);
    assert.equal(kernel.slide, 0n);

    const moved = await machine.runTo('start_kernel');
    assert.notEqual(kernel.slide, 0n);
    assert.equal(kernel.slide % 0x200000n, 0n, 'PMD_SIZE, setup_vm() in arch/riscv/mm/init.c');
    const [symbol] = program.symbols.named('start_kernel');
    assert.ok(moved.pc - kernel.slide >= symbol!.address);
    assert.ok(moved.pc - kernel.slide < symbol!.address + BigInt(symbol!.size));

    const call = await machine.runTo('kernel_init');
    const { walk, rows, task } = callStack(machine.debuggee, call);
    assert.equal(task?.pid, 1);
    const names = rows.flatMap((row) => (row.kind === 'frame' ? [row.location.symbol] : []));
    assert.equal(names[0], 'kernel_init');
    if (kernel.hasMetadata) {
      assert.match(names.at(-1)!, /^ret_from_fork/);
      assert.equal(walk.end.kind, 'final');
      assert.equal(walk.reliable, true);
    }
  });

  it('stays where it was linked without a seed', async () => {
    const machine = await Machine.launch({});
    const hart = await machine.runTo('start_kernel');
    assert.equal(machine.debuggee.kernel.slide, 0n);
    assert.equal(locate(machine.debuggee, hart.pc, hart).symbol, 'start_kernel');
  });

  it('is stepped from its physical to its moved addresses', async () => {
    const { debuggee, runTo } = await Machine.launch({ kaslrSeed: seed });
    const hart = await runTo('relocate_enable_mmu');
    assert.equal(hart.bare, true);
    for (let steps = 0; steps < 60; steps++) {
      const { symbol } = locate(debuggee, hart.pc, hart);
      if (symbol !== 'relocate_enable_mmu') break;
      assert.equal((await step(debuggee, hart, 'over', 'statement')).kind, 'step');
    }
    assert.equal(hart.bare, false);
    assert.equal(locate(debuggee, hart.pc, hart).symbol, '_start_kernel');
    assert.ok(hart.pc > debuggee.kernel.slide);
  });

  it('has its secondary harts, their tasks and stacks where it moved to', async () => {
    const machine = await Machine.launch({ kaslrSeed: seed, smp: 2 });
    const early = await machine.runTo('secondary_start_sbi');
    assert.equal(early.bare, true);
    const hart = await machine.runTo('smp_callin');
    assert.equal(hart.index, 1);
    assert.equal(describeHart(machine.debuggee, hart), 'hart 1: idle');
    const { walk } = callStack(machine.debuggee, hart);
    if (machine.debuggee.kernel.hasMetadata) assert.equal(walk.end.kind, 'final');
  });
});

class Machine {
  readonly debuggee: Debuggee;

  private constructor(debuggee: Debuggee) {
    this.debuggee = debuggee;
  }

  static async launch(options: { readonly kaslrSeed?: string; readonly smp?: number }): Promise<Machine> {
    const initrd = join(process.env['RISCV_UNWIND_LINUX'] ?? '', 'init.cpio');
    const debuggee = await launch(
      {
        program: join(folder, 'Image'),
        symbols: join(folder, 'vmlinux'),
        append: 'console=ttyS0',
        maxInstructions: 300_000_000,
        ...(existsSync(initrd) && { initrd }),
        ...options,
      },
      createNodeFiles(),
    );
    return new Machine(debuggee);
  }

  /** Breakpoints follow the kernel as they do in a session. */
  readonly runTo = async (spec: string): Promise<TargetHart> => {
    const { target, boot } = this.debuggee;
    const arm = async () => {
      const resolution = await resolveSpec(this.debuggee, spec);
      assert.ok(resolution.kind === 'resolved', resolution.kind === 'resolved' ? '' : resolution.reason);
      target.setBreakpoints(resolution.armed);
    };
    boot.onChange = arm;
    await arm();
    const stop = await target.run({ kind: 'continue' });
    assert.ok(stop.kind === 'breakpoint', `${spec} is reached`);
    return target.harts[stop.hart]!;
  };
}
