import assert from 'node:assert/strict';
import { functions, stoppedAt } from './frames';
import { harness } from './harness';
import { lineOf } from './sample';

/** Calls the thread's function through a pointer, and do_exit() with what it returns. */
const callsThread = lineOf('fork.c', 'do_exit(create.fn(create.arg))');

describe('the workbench: stepping', () => {
  it('offers the calls of a line to step into, and shows whether interrupts are held', () =>
    harness.inSample('step-targets', { launchJson: true }, async (workbench) => {
      const { page } = workbench;
      await workbench.openFile('fork.c');
      await workbench.clickGutter(callsThread);
      await page.keyboard.press('F5');
      await workbench.frames(stoppedAt('fork.c', callsThread));
      const status = page.locator('.statusbar-item', { hasText: /Interrupts/ });
      await status.getByText('Interrupts held in steps').waitFor();
      await workbench.command('Hold Interrupts While Stepping');
      await status.getByText('Interrupts in steps').waitFor();
      await status.click();
      await status.getByText('Interrupts held in steps').waitFor();

      await page.locator('.editor-instance .view-line', { hasText: 'create.fn' }).first().click();
      await workbench.command('Step Into Target');
      const choice = workbench.quickPickRow('do_exit');
      await choice.waitFor();
      await workbench.documentedScreenshot('step-targets');
      await choice.click();
      const entered = ['do_exit', 'kthread', 'ret_from_fork_kernel'].join();
      await workbench.frames((shown) => functions(shown).slice(0, 3).join() === entered);
    }));

  it('shows the disassembly with labels and steps by instruction in it', () =>
    harness.inSample('disassembly', { launchJson: true }, async (workbench) => {
      await workbench.openFile('entry.S');
      await workbench.clickGutter(lineOf('entry.S', 'csrrw\ttp'));
      await workbench.page.keyboard.press('F5');
      await workbench.frames(stoppedAt('entry.S', lineOf('entry.S', 'csrrw\ttp')));
      await workbench.command('Open Disassembly View');
      const rows = await workbench.disassembly((texts) => texts.some((text) => text.includes('csrrw')));
      await workbench.documentedScreenshot('disassembly');
      assert.ok(
        rows.some((row) => row.includes('<handle_exception>:')),
        JSON.stringify(rows),
      );
      await workbench.page.keyboard.press('F10');
      await workbench.frames(([top]) => top?.label.startsWith('handle_exception+0x4/') === true);
    }));
});
