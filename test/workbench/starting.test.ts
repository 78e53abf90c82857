import assert from 'node:assert/strict';
import { stoppedAt } from './frames';
import { harness } from './harness';
import { callsHandler, lineOf } from './sample';
import { followTutorial } from './tutorial';

describe('the workbench: starting', () => {
  it('opens the sample kernel from the walkthrough, which goes on in its window', () =>
    harness.inWindow('walkthrough', undefined, async (workbench) => {
      await workbench.command('Open Sample Kernel');
      await workbench.quickPickRow('Just open it').click();
      await workbench.page.locator('.tab[data-resource-name="entry.S"]').waitFor();
      await workbench.page.getByText('Set a breakpoint in entry.S').waitFor();
      await workbench.screenshot('walkthrough');
      await workbench.command('Open Tutorial');
      await workbench.page.locator('.tab', { hasText: 'Preview tutorial-page-fault.md' }).waitFor();
      await workbench.screenshot('tutorial-page');
    }));

  it('follows the tutorial from a page fault through entry.S and back', () =>
    harness.inSample('tutorial', { launchJson: true }, followTutorial)).timeout(180_000);

  it('boots the ELF file in the active tab without a launch.json, in M-mode if it takes the place of the firmware', () =>
    harness.inSample('open-elf', { launchJson: false }, async (workbench) => {
      await workbench.expandFolder('prebuilt');
      await workbench.openFile('sample-m-mode.elf');
      await workbench.page.keyboard.press('F5');
      await workbench.quickPickRow('RISC-V Unwind').click();
      const text = await workbench.terminalText((shown) => shown.includes('── the'));
      await workbench.screenshot('open-elf');
      assert.match(text, /── the guest has ended, exit status 0 ──/);
      await workbench.terminalTab('Boot sample-m-mode.elf');
    }));

  it('leaves assembly files to another extension that claims them, and takes breakpoints in them all the same', () =>
    harness.beside('other-assembly', () =>
      harness.inSample('neighbour', { launchJson: true }, async (workbench) => {
        await workbench.openFile('entry.S');
        await workbench.showsLanguage("A Neighbour's Assembly");
        await workbench.clickGutter(callsHandler);
        await workbench.page.keyboard.press('F5');
        await workbench.frames(stoppedAt('entry.S', callsHandler));
        await workbench.screenshot('neighbour');
      }),
    ));

  it("shows the guest's console in a terminal, and sends it what is typed there", () =>
    harness.inSample('console', { launchJson: true }, async (workbench) => {
      const { page } = workbench;
      await workbench.openFile('main.c');
      await workbench.clickGutter(lineOf('main.c', 'tour_kernel();'));
      await page.keyboard.press('F5');
      await workbench.frames(stoppedAt('main.c', lineOf('main.c', 'tour_kernel();')));
      await page.locator('.terminal-wrapper.active .xterm').click();
      // The sample's last process echoes what was typed before.
      await page.keyboard.type('hello, kernel\n');
      // What is typed takes another way to the guest than commands do, and the guest is quick: a step gives it the time.
      await page.keyboard.press('F11');
      await workbench.frames(([top]) => top?.label.startsWith('tour_kernel+') === true);
      // A key would go to whatever has the focus, which is on its way from the terminal to the editor now.
      await workbench.debugButton('Continue');
      const text = await workbench.terminalText((shown) => shown.includes('── the'));
      await workbench.documentedScreenshot('console');
      assert.match(
        text,
        /\nhello, kernel\n\[tour\] done, powering off\n── the guest has ended, exit status 0 ──/,
      );
    }));
});
