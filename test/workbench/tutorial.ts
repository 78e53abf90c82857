/** The way of docs/tutorial-page-fault.md through the workbench, and its pictures. What the program shows is compared in test/dap/tutorial.test.ts. */
import type { ShownFrame, Workbench } from './workbench';

const top = (start: string) => (frames: readonly ShownFrame[]) => frames[0]?.label.startsWith(start) === true;

/** In a window on the sample kernel, with its launch.json. */
export async function followTutorial(workbench: Workbench): Promise<void> {
  await catchTheFault(workbench);
  await enterTheKernel(workbench);
  await seeThePage(workbench);
  await backToTheInstruction(workbench);
  await faultInTheKernel(workbench);
}

async function catchTheFault(workbench: Workbench): Promise<void> {
  await workbench.openFile('entry.S');
  await workbench.page.keyboard.press('Control+Shift+d');
  await workbench.addFunctionBreakpoint('start_kernel');
  await workbench.page.keyboard.press('F5');
  await workbench.frames(top('start_kernel+'));
  await workbench.makeRoomForCallStack();
  await workbench.command('Remove All Breakpoints');
  await workbench.filterCondition('Exceptions in user mode', 'page faults if $tval == 0x10000000');
  await workbench.debugButton('Continue');
  const widget = workbench.page.locator('.exception-widget');
  await widget.getByText('store/AMO page fault of 0x10000000 at page_fault+').first().waitFor();
  // Until then the editor shows the rest of the stack before.
  await workbench.frames((frames) => frames[1]?.label.startsWith('R3: ') === true);
  await workbench.documentedScreenshot('tutorial-caught');
}

async function enterTheKernel(workbench: Workbench): Promise<void> {
  const { page } = workbench;
  await workbench.untickFilter('Exceptions in user mode');
  await workbench.addFunctionBreakpoint('page_fault+0xa');
  await workbench.command('Restart');
  await workbench.frames(top('user 0x'));
  await workbench.debugButton('Step Into');
  await workbench.frames(top('handle_exception+0x0/'));
  await workbench.toggleSection('Breakpoints');
  await workbench.typeInConsole('until .Lcall_handler');
  await workbench.frames((frames) => frames.some(({ label }) => label.startsWith('FINAL')));
  await workbench.typeInConsole('p ((struct pt_regs *)a0)->stackframe');
  await page.locator('.repl', { hasText: 'type = 1' }).waitFor();
  await workbench.makeRoomAbove('Call Stack', 180);
  await workbench.expandVariable('Registers', false);
  await workbench.expandVariable('Frame');
  await workbench.expandVariable('walk');
  await workbench.variables((rows) => rows.some((row) => row.startsWith('entry pt_regs')));
  await workbench.documentedScreenshot('tutorial-final');
}

async function seeThePage(workbench: Workbench): Promise<void> {
  const { page } = workbench;
  await workbench.debugButton('Step Into');
  await workbench.frames(top('do_page_fault+'));
  await workbench.typeInConsole('until do_anonymous_page');
  await workbench.frames(top('do_anonymous_page+'));
  for (const caller of ['handle_mm_fault+', 'do_page_fault+']) {
    await workbench.debugButton('Step Out');
    await workbench.frames(top(caller));
  }
  await workbench.expandVariable('Locals');
  await workbench.command('Walk Address…');
  await workbench.quickInput.fill('address');
  await page.keyboard.press('Enter');
  await workbench.editorLines((lines) => lines.some((line) => line.startsWith('U-mode: load ok · store ok')));
  await workbench.documentedScreenshot('tutorial-mapped');
}

async function backToTheInstruction(workbench: Workbench): Promise<void> {
  for (const place of ['handle_exception+', 'user 0x']) {
    await workbench.debugButton('Step Out');
    await workbench.frames(top(place));
  }
}

async function faultInTheKernel(workbench: Workbench): Promise<void> {
  await workbench.typeInConsole('catch page faults if $from == "kernel"');
  await workbench.page.locator('.repl', { hasText: 'catch 1:' }).waitFor();
  await workbench.debugButton('Continue');
  // It takes the focus.
  await workbench.page.locator('.exception-widget', { hasText: 'load page fault of 0x10001000' }).waitFor();
  await workbench.typeInConsole('until .Lcall_handler');
  await workbench.toggleSection('Variables');
  await workbench.frames((frames) => frames.some(({ label }) => label.startsWith('__asm_copy_from_user+')));
  await workbench.command('Compare Walks');
  await workbench.editorLines((lines) => lines.some((line) => /^► .*__asm_copy_from_user/.test(line)));
  await workbench.documentedScreenshot('tutorial-boundary');
}
