import assert from 'node:assert/strict';
import { stoppedAt } from './frames';
import { harness } from './harness';
import { hasLinux, linuxTree } from './linux';
import { lineOf } from './sample';

describe('the workbench: kernel views', () => {
  it("shows a real kernel's tasks with their stacks in the side bar, and its log in an editor", async function () {
    if (!hasLinux) {
      this.test!.title += ' (skipped: RISCV_UNWIND_LINUX names no folder with a kernel)';
      this.skip();
    }
    const tree = linuxTree('kernel-views');
    const entryS = 'arch/riscv/kernel/entry.S';
    const callsTrapHandler = lineOf(entryS, 'jalr t1', 'SYM_CODE_START(handle_exception)', tree);
    await harness.inWindow('kernel-views', tree, async (workbench) => {
      await workbench.quickOpen(entryS);
      await workbench.clickGutter(callsTrapHandler);
      await workbench.page.keyboard.press('F5');
      await workbench.frames(stoppedAt('entry.S', callsTrapHandler));
      await workbench.command('Show Kernel Log');
      await workbench.editorLines((lines) =>
        lines.some((line) => /kern {2}:notice: \[.* Linux version/.test(line)),
      );
      await workbench.makeRoomForCallStack();
      for (const section of ['Variables', 'Call Stack', 'Breakpoints', 'RISC-V Kernel'])
        await workbench.toggleSection(section);
      await workbench.expandKernel('Tasks');
      await workbench.expandKernel('kthreadd [2]');
      const rows = await workbench.kernelRows((shown) => shown.some((row) => row.startsWith('kthreadd+')));
      await workbench.documentedScreenshot('kernel-views');
      assert.ok(rows.some((row) => /^init \[1\]running or runnable, CPU 0, runs on hart 0$/.test(row)));
      assert.ok(rows.some((row) => /^__schedule\+\S+ \(T\)core\.c:\d+$/.test(row)));
      await workbench.kernelRow('ret_from_fork_kernel_asm+').click();
      await workbench.page.locator('.tab.active[data-resource-name="entry.S"]').waitFor();
    });
  });
});
