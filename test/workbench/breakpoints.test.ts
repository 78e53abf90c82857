import assert from 'node:assert/strict';
import { functions, stoppedAt } from './frames';
import { harness } from './harness';
import { callsHandler, lineOf } from './sample';

/** Before the first task is made: the kernel's last pid is 0. */
const readsLastPid = lineOf('fork.c', 'if (last_pid == 0)');

describe('the workbench: breakpoints', () => {
  it('offers the labels of a kernel that is not running', () =>
    harness.inSample('labels', { launchJson: true }, async (workbench) => {
      await workbench.command('Break on Label…');
      await workbench.quickPickRow('prebuilt/sample-metadata.elf').click();
      await workbench.quickPickRow('handle_exception').waitFor();
      await workbench.screenshot('break-on-label');
      await workbench.quickInput.fill('mmu');
      await workbench.quickPickRow('.Lmmu_on').click();
      await workbench.page.keyboard.press('Control+Shift+d');
      await workbench.page.locator('.debug-breakpoints', { hasText: '.Lmmu_on' }).waitFor();
      await workbench.screenshot('breakpoint-on-label');
    }));

  it('takes breakpoints in the debug console, shows them in the gutter, and those in grey that are disabled there', () =>
    harness.inSample('breakpoints', { launchJson: false }, async (workbench) => {
      const { page } = workbench;
      await workbench.openFile('entry.S');
      await workbench.clickGutter(callsHandler);
      await page.keyboard.press('F5');
      await workbench.quickPickRow('prebuilt/sample-metadata.elf').click();
      await workbench.frames(stoppedAt('entry.S', callsHandler));
      const say = async (line: string, answer: string) => {
        await workbench.command('Debug Console: Focus on Debug Console View');
        await page.keyboard.type(line);
        await page.keyboard.press('Escape'); // Suggestions would take the next key.
        await page.keyboard.press('Enter');
        await page.locator('.repl', { hasText: answer }).waitFor();
      };
      await say('break do_page_fault task=init if stval < 0x20000000', 'do_page_fault at');
      await say('disable 1', 'Breakpoint 1 is disabled.');
      await say('info breakpoints', 'hit once');
      await page
        .locator('.debug-breakpoints .monaco-list-row', { hasText: 'entry.S' })
        .locator('.codicon-debug-breakpoint-unverified')
        .waitFor();
      await workbench.quickOpen('fault.c');
      await page.keyboard.press('Control+g');
      await workbench.quickInput.fill(`:${lineOf('fault.c', 'do_page_fault(') + 2}`);
      await page.keyboard.press('Enter');
      await page.locator('.monaco-editor .codicon-debug-breakpoint').first().waitFor();
      await workbench.documentedScreenshot('breakpoints');
      await say('disable 2', 'Breakpoint 2 is disabled.');
      await page.locator('.monaco-editor .codicon-debug-breakpoint-unverified').first().waitFor();
      await say('enable', '2 breakpoints are enabled.');
      await page.locator('.monaco-editor .codicon-debug-breakpoint').first().waitFor();
    }));

  it('breaks on a label in head.S before the MMU is on, and on a dropped one where it comes on', () =>
    harness.inSample('label-before-mmu', { launchJson: true }, async (workbench) => {
      await workbench.command('Break on Label…');
      await workbench.quickPickRow('prebuilt/sample-metadata.elf').click();
      await workbench.quickInput.fill('relocate');
      await workbench.quickPickRow('relocate_enable_mmu').click();
      await workbench.breakpoint('function', 'relocate_enable_mmu');
      await workbench.page.keyboard.press('F5');
      const frames = await workbench.frames((rows) => rows[0]?.file === 'head.S');
      await workbench.makeRoomForCallStack();
      await workbench.expandVariable('Registers');
      await workbench.variables((rows) => rows.some((row) => row.startsWith('ra =0x802')));
      await workbench.documentedScreenshot('label-before-mmu');
      assert.match(frames[0]!.label, /^relocate_enable_mmu\+0x0\/.*physical 0x802/);

      // The session knows its labels itself; this one is in no symbol table.
      await workbench.command('Break on Label…');
      await workbench.quickInput.fill('.Lmmu');
      await workbench.quickPickRow('.Lmmu_on').click();
      await workbench.breakpoint('function', '.Lmmu_on');
      await workbench.page.keyboard.press('F5');
      const afterMmuOn = lineOf('head.S', 'la\tt1', '.Lmmu_on:');
      const [top] = await workbench.frames(stoppedAt('head.S', afterMmuOn));
      await workbench.screenshot('label-mmu-on');
      assert.doesNotMatch(top!.label, /physical/);
    }));

  it('stops at a page fault that the condition of an exception filter names, and explains it', () =>
    harness.inSample('exception', { launchJson: false }, async (workbench) => {
      const { page } = workbench;
      await workbench.openFile('entry.S');
      await workbench.clickGutter(callsHandler);
      await page.keyboard.press('F5');
      await workbench.quickPickRow('prebuilt/sample-metadata.elf').click();
      await workbench.frames(stoppedAt('entry.S', callsHandler));
      await workbench.command('Remove All Breakpoints');
      await workbench.filterCondition('Exceptions in the kernel', 'load page fault if $tval == 0x20000000');
      await workbench.debugButton('Continue');
      const widget = page.locator('.exception-widget');
      await widget.getByText('load page fault of 0x20000000 at __asm_copy_from_user').first().waitFor();
      assert.match((await widget.textContent()) ?? '', /access to user memory fails \(-EFAULT\)/);
      // Until then the view shows the rest of the stack before.
      await workbench.frames((frames) => functions(frames).includes('sys_write'));
      await workbench.documentedScreenshot('exception');
    }));

  it('breaks where a static variable changes, which its context menu in the Variables view asks for', () =>
    harness.inSample('data-breakpoints', { launchJson: true }, async (workbench) => {
      await workbench.openFile('fork.c');
      await workbench.clickGutter(readsLastPid);
      await workbench.page.keyboard.press('F5');
      await workbench.frames(stoppedAt('fork.c', readsLastPid));
      await workbench.makeRoomForCallStack();
      await workbench.expandVariable('Locals', false);
      await workbench.expandVariable('Statics of the file');
      await workbench.variables((rows) => rows.includes('last_pid =0'));
      await workbench.variableMenu('last_pid', 'Break on Value Change');
      await workbench.breakpoint('data', 'last_pid');
      await workbench.debugButton('Continue');
      const [top] = await workbench.frames((frames) => functions(frames)[0] === 'kernel_clone');
      const why = workbench.page.locator('.debug-call-stack .thread .state').first();
      await why.getByText(/last_pid written: 0x0 → 0x1 by kernel_clone/i).waitFor();
      await workbench.breakpoint('data', 'last_pid');
      // Those of the function that it stops in open by themselves.
      await workbench.variables((rows) => rows.some((row) => row.startsWith('args =')));
      await workbench.expandVariable('Locals', false);
      await workbench.variables((rows) => rows.includes('last_pid =1'));
      await workbench.documentedScreenshot('data-breakpoints');
      assert.equal(top!.file, 'fork.c');
    }));
});
