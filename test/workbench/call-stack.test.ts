import assert from 'node:assert/strict';
import { ended, functions, place, stoppedAt, withoutAddresses } from './frames';
import { harness } from './harness';
import { hasLinux, linuxTree } from './linux';
import { callsHandler, lineOf, pagerInterrupt } from './sample';

describe('the workbench: call stacks', () => {
  it('stops on a gutter breakpoint in entry.S after F5 without a launch.json, and shows the call stack', () =>
    harness.inSample('call-stack', { launchJson: false }, async (workbench) => {
      await workbench.openFile('entry.S');
      await workbench.clickGutter(callsHandler);
      await workbench.page.keyboard.press('F5');
      await workbench.quickPickRow('prebuilt/sample-metadata.elf').click();
      await workbench.frames(stoppedAt('entry.S', callsHandler));
      // Rows below the edge of the view are not in the page.
      await workbench.makeRoomForCallStack();
      const frames = await workbench.frames(ended);
      await workbench.documentedScreenshot('call-stack');

      assert.match(frames[0]!.label, /^handle_exception\+0x/);
      assert.deepEqual(place(frames[0]), ['entry.S', callsHandler]);
      const boundary = frames.findIndex(({ label }) =>
        label.startsWith('── exception: breakpoint, from kernel'),
      );
      assert.equal(boundary, 1, JSON.stringify(frames));
      // The code that was interrupted, and its callers down to where its thread began.
      assert.deepEqual(functions(frames.slice(boundary + 1, -2)), [
        ...['tour_nested_exception', 'tour_kernel', 'kernel_init'],
        ...['ret_from_fork_kernel', 'ret_from_fork_kernel_asm'],
      ]);
      assert.equal(frames.at(-2)!.label, 'FINAL: kernel thread');
    }));

  it('shows the walk from the IRQ stack through two exceptions to the system call that it all began with', () =>
    harness.inSample('two-exceptions', { launchJson: true }, async (workbench) => {
      await workbench.openFile('vm.c');
      await workbench.clickGutter(pagerInterrupt);
      await workbench.page.keyboard.press('F5');
      await workbench.frames(stoppedAt('vm.c', pagerInterrupt));
      await workbench.makeRoomForCallStack();
      await workbench.toggleSection('Variables');
      await workbench.toggleSection('Breakpoints');
      const frames = await workbench.allFrames(ended);
      await workbench.documentedScreenshot('two-exceptions');
      assert.deepEqual(
        frames
          .map(({ label }) => label)
          .filter((label) => /^(──|FINAL)|\(P\)$/.test(label))
          .map(withoutAddresses),
        [
          '── IRQ stack → task stack ──',
          '── interrupt: supervisor timer, from kernel, pt_regs at … ──',
          'pager_wait (P)',
          '── exception: load page fault at …, from kernel, pt_regs at … ──',
          '__asm_copy_from_user (P)',
          'FINAL: entered from user mode (system call: ecall at …)',
        ],
      );
    }));

  it('debugs a real Linux kernel from a line of its entry.S, its sources found in the workspace', async function () {
    if (!hasLinux) {
      this.test!.title += ' (skipped: RISCV_UNWIND_LINUX names no folder with a kernel)';
      this.skip();
    }
    const tree = linuxTree('linux');
    const entryS = 'arch/riscv/kernel/entry.S';
    const callsTrapHandler = lineOf(entryS, 'jalr t1', 'SYM_CODE_START(handle_exception)', tree);
    await harness.inWindow('linux', tree, async (workbench) => {
      await workbench.quickOpen(entryS);
      await workbench.clickGutter(callsTrapHandler);
      await workbench.page.keyboard.press('F5');
      await workbench.frames(stoppedAt('entry.S', callsTrapHandler));
      await workbench.makeRoomForCallStack();
      await workbench.toggleSection('Variables');
      const frames = await workbench.frames(ended);
      await workbench.documentedScreenshot('linux');
      assert.match(
        frames[1]!.label,
        /^── exception: .* page fault at 0x[0-9a-f]+, from kernel, pt_regs at 0x[0-9a-f]+ ──$/,
      );
      assert.match(frames[2]!.label, /\(P\)$/);
      assert.ok(functions(frames).includes('load_elf_binary'));
      assert.equal(frames.at(-2)!.label, 'FINAL: kernel thread');
    });
  });

  it('compares all walks of a stack in an editor, and shows another one in the Call Stack view', () =>
    harness.inSample('compare-walks', { launchJson: true }, async (workbench) => {
      await workbench.openFile('vm.c');
      await workbench.clickGutter(pagerInterrupt);
      await workbench.page.keyboard.press('F5');
      await workbench.frames(stoppedAt('vm.c', pagerInterrupt));
      await workbench.command('Compare Walks');
      const lines = await workbench.editorLines((texts) =>
        texts.some((text) => text.includes('frame address')),
      );
      await workbench.documentedScreenshot('compare-walks');
      assert.ok(
        lines.some((line) => /^►.*do_irq\+0x20\/0x42\s+·/.test(line)),
        lines.join('\n'),
      );
      await workbench.toggleSection('Variables');
      await workbench.makeRoomForCallStack();
      await workbench.command('Choose Stack Walk…');
      await workbench.quickPickRow('legacy').click();
      const frames = await workbench.frames((rows) =>
        rows.some(({ label }) => label.startsWith('legacy (d): ')),
      );
      await workbench.screenshot('legacy-walk');
      assert.ok(functions(frames).includes('call_on_irq_stack'));
    }));

  it('shows the tasks that wait, each with its state and its stack', () =>
    harness.inSample('tasks', { launchJson: true }, async (workbench) => {
      await workbench.openFile('syscall.c');
      await workbench.clickGutter(lineOf('syscall.c', 'do_wait('));
      await workbench.page.keyboard.press('F5');
      await workbench.frames(stoppedAt('syscall.c', lineOf('syscall.c', 'do_wait(')));
      await workbench.toggleSection('Variables');
      await workbench.toggleSection('Breakpoints');
      await workbench.makeRoomForCallStack();
      await workbench.expandThread('hello [');
      const frames = await workbench.frames((rows) => rows.some(({ label }) => label.startsWith('do_exit+')));
      await workbench.documentedScreenshot('tasks');
      assert.ok(frames.some(({ label }) => /^schedule\+\S+ \(T\)$/.test(label)));
    }));
});
