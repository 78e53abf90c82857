import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { Harness } from './harness';
import { hasLinux, linuxTree } from './linux';
import { lineOf } from './sample';
import { out } from './server';
import { followTutorial } from './tutorial';
import type { ShownFrame } from './workbench';

/** Where handle_exception has built pt_regs and its record, and calls the handler in C. */
const callsHandler = lineOf('entry.S', 'jalr\tt1', '.Lcall_handler:');
/** Inside a timer interrupt that was taken in a page fault's handler, in a system call. */
const pagerInterrupt = lineOf('vm.c', 'pager_done = true', 'pager_interrupt(struct timer');

/** Calls the thread's function through a pointer, and do_exit() with what it returns. */
const callsThread = lineOf('fork.c', 'do_exit(create.fn(create.arg))');

/** Where the trap handler hands a page fault of user code over to the memory management. */
const enablesInterrupts = lineOf('fault.c', 'regs->status & SR_PIE');

/** Before the first task is made: the kernel's last pid is 0. */
const readsLastPid = lineOf('fork.c', 'if (last_pid == 0)');

type Frames = readonly ShownFrame[];

/** The walk is complete: its last row says how it ended. */
const ended = (frames: Frames) => frames.some(({ label }) => /^(FINAL|R\d+:)/.test(label));
const place = (frame: ShownFrame | undefined) => [frame?.file, parseInt(frame?.line ?? '')];
const stoppedAt = (file: string, line: number) => (frames: Frames) =>
  place(frames[0]).join() === `${file},${line}`;
/** Names of the functions without offsets and marks. */
const functions = (frames: Frames) => frames.map(({ label }) => label.replace(/\+0x.*/, ''));
const withoutAddresses = (label: string) => label.replace(/\+0x\S+/, '').replace(/0x[0-9a-f]+/g, '…');

describe('the workbench', () => {
  const harness = new Harness();
  before(async function () {
    this.timeout(300_000);
    const missing = await harness.start();
    if (missing !== undefined) {
      for (const test of this.test!.parent!.tests) test.title += ` (skipped: ${missing})`;
      this.skip();
    }
  });
  after(() => harness.stop());

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

  it('takes breakpoints and expressions of a hit in the debug console, and shows them in the gutter', () =>
    harness.inSample('breakpoints', { launchJson: false }, async (workbench) => {
      const { page } = workbench;
      await workbench.openFile('entry.S');
      await workbench.clickGutter(callsHandler);
      await page.keyboard.press('F5');
      await workbench.quickPickRow('prebuilt/sample-metadata.elf').click();
      await workbench.frames(stoppedAt('entry.S', callsHandler));
      await workbench.command('Debug Console: Focus on Debug Console View');
      for (const line of ['break do_page_fault task=init if stval < 0x20000000', 'info breakpoints']) {
        await page.keyboard.type(line);
        await page.keyboard.press('Escape'); // Suggestions would take the next key.
        await page.keyboard.press('Enter');
        await page.locator('.repl', { hasText: 'do_page_fault at' }).waitFor();
      }
      await page.locator('.repl', { hasText: 'hit once' }).waitFor();
      await workbench.quickOpen('fault.c');
      await page.keyboard.press('Control+g');
      await workbench.quickInput.fill(`:${lineOf('fault.c', 'do_page_fault(') + 2}`);
      await page.keyboard.press('Enter');
      await page.locator('.monaco-editor .codicon-debug-breakpoint').first().waitFor();
      await workbench.documentedScreenshot('breakpoints');
    }));

  it('says that the kernel was rebuilt, and restarts into the new one', () =>
    harness.inSample('rebuilt', { launchJson: false }, async (workbench) => {
      await workbench.openFile('entry.S');
      await workbench.clickGutter(callsHandler);
      await workbench.page.keyboard.press('F5');
      await workbench.quickPickRow('prebuilt/sample-metadata.elf').click();
      await workbench.frames(stoppedAt('entry.S', callsHandler));
      await workbench.makeRoomForCallStack();
      const isFinal = ({ label }: ShownFrame) => label === 'FINAL: kernel thread';
      await workbench.frames((frames) => frames.some(isFinal));
      // A build without frame record metadata takes the place of the one that runs.
      const prebuilt = join(out, 'workspaces/rebuilt/sample-kernel/prebuilt');
      renameSync(join(prebuilt, 'sample-legacy.elf'), join(prebuilt, 'sample-metadata.elf'));
      const message = workbench.page.locator('.notification-toast', { hasText: 'was rebuilt' });
      const restart = message.getByText('Restart', { exact: true });
      // Waits until the message has slid in.
      await restart.click({ trial: true });
      await workbench.documentedScreenshot('rebuilt');
      await restart.click();
      const frames = await workbench.frames((shown) => ended(shown) && !shown.some(isFinal));
      assert.deepEqual(place(frames[0]), ['entry.S', callsHandler]);
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

  it('starts with the launch.json of the sample, steps by line, and shows registers and CSRs', () =>
    harness.inSample('registers', { launchJson: true }, async (workbench) => {
      const { page } = workbench;
      await workbench.openFile('entry.S');
      await workbench.clickGutter(callsHandler - 2);
      await page.keyboard.press('F5');
      await workbench.frames(stoppedAt('entry.S', callsHandler - 2));
      await page.keyboard.press('F10');
      const frames = await workbench.frames(stoppedAt('entry.S', callsHandler));
      assert.deepEqual(place(frames[0]), ['entry.S', callsHandler]);

      await workbench.makeRoomForCallStack();
      await workbench.toggleSection('Call Stack');
      await workbench.expandVariable('Registers');
      await workbench.variables((rows) => rows.some((row) => /^sp =0x[0-9a-f]+$/.test(row)));
      await workbench.expandVariable('Registers', false);
      await workbench.expandVariable('Supervisor CSRs');
      await workbench.expandVariable('scause');
      const rows = await workbench.variables((texts) => texts.some((text) => text.startsWith('scause')));
      await workbench.documentedScreenshot('registers');
      assert.ok(
        rows.some((row) => /^scause =.*breakpoint/i.test(row)),
        JSON.stringify(rows),
      );

      await workbench.toggleSection('Call Stack');
      // Into the handler that jalr calls.
      await page.keyboard.press('F11');
      const [inside] = await workbench.frames((rows) => rows[0]?.file === 'traps.c');
      assert.equal(inside!.file, 'traps.c');
    }));

  it('changes a field of a CSR, and walks an address through the page tables', () =>
    harness.inSample('page-walk', { launchJson: true }, async (workbench) => {
      const { page } = workbench;
      await workbench.openFile('entry.S');
      await workbench.clickGutter(callsHandler);
      await page.keyboard.press('F5');
      await workbench.frames(stoppedAt('entry.S', callsHandler));
      await workbench.makeRoomForCallStack();
      await workbench.toggleSection('Call Stack');
      await workbench.toggleSection('Breakpoints');
      await workbench.expandVariable('Registers');
      await workbench.expandVariable('Registers', false);
      await workbench.expandVariable('Supervisor CSRs');
      await workbench.expandVariable('sstatus');
      await workbench.setVariable('SPP', 'user');
      await workbench.variables((texts) => texts.includes('SPP =0x0 (user)'));
      await workbench.expandVariable('sstatus', false);
      await workbench.expandVariable('satp');
      await workbench.expandVariable('root table');
      const rows = await workbench.variables((texts) => texts.some((text) => text.startsWith('[510]')));
      assert.ok(rows.includes('MODE =0x8 (Sv39)'), JSON.stringify(rows));

      await workbench.command('Walk Address…');
      await workbench.quickInput.fill('sp');
      await page.keyboard.press('Enter');
      const lines = await workbench.editorLines((texts) => texts.some((text) => text.startsWith('PMP: ')));
      await workbench.documentedScreenshot('page-walk');
      assert.match(lines[1]!, /^satp 0x8\w+ of hart 0: Sv39, ASID 0, root table at 0x80\w+$/);
      assert.ok(
        lines.some((line) => /^physical 0x80\w+, in a page of 4 KiB: /.test(line)),
        lines.join('\n'),
      );
    }));

  it('shows memory protection decoded, and memory at an address', () =>
    harness.inSample('registers-and-memory', { launchJson: true }, async (workbench) => {
      const { page } = workbench;
      await workbench.openFile('entry.S');
      await workbench.clickGutter(callsHandler);
      await page.keyboard.press('F5');
      await workbench.frames(stoppedAt('entry.S', callsHandler));
      await workbench.makeRoomForCallStack();
      await workbench.toggleSection('Call Stack');
      await workbench.toggleSection('Breakpoints');
      await workbench.expandVariable('Registers', false);
      for (const name of ['Machine CSRs', 'Memory protection', 'pmp0']) await workbench.expandVariable(name);
      const rows = await workbench.variables((texts) => texts.some((text) => text.startsWith('pmp0')));
      await workbench.command('View Memory at…');
      await workbench.quickInput.fill('sp');
      await page.keyboard.press('Enter');
      const lines = await workbench.editorLines((texts) => texts.some((text) => /^0x?[\da-f]+\b/.test(text)));
      await workbench.documentedScreenshot('registers-and-memory');
      assert.ok(
        rows.some((row) => /^pmp0 ?=NAPOT \[0x0, .*RWX/.test(row)),
        rows.join('\n'),
      );
      assert.ok(lines.length > 5);
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
      await workbench.documentedScreenshot('exception');
    }));

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

  it('shows the variables of a C function, opened member by member', () =>
    harness.inSample('c-code', { launchJson: true }, async (workbench) => {
      const { page } = workbench;
      await workbench.openFile('fault.c');
      await workbench.clickGutter(enablesInterrupts);
      await page.keyboard.press('F5');
      await workbench.frames(stoppedAt('fault.c', enablesInterrupts));
      await workbench.debugButton('Step Into');
      await workbench.frames((frames) => functions(frames)[0] === 'local_irq_enable (inlined)');
      await workbench.makeRoomForCallStack();
      await workbench.toggleSection('Breakpoints');
      await page.locator('.debug-call-stack .stack-frame', { hasText: 'do_page_fault+' }).click();
      await workbench.expandVariable('regs');
      const rows = await workbench.variables((shown) => shown.some((row) => /^epc\b/.test(row)));
      await workbench.typeInConsole(
        'ptype struct frame_record_meta',
        'p $list(&init_task.tasks, struct task_struct, tasks)[0].comm',
      );
      await page.locator('.repl', { hasText: '"init"' }).waitFor();
      await workbench.documentedScreenshot('c-code');
      assert.match(rows[0]!, /^Locals/);
      assert.ok(
        rows.some((row) => /^regs ?= ?0x[\da-f]+/.test(row)),
        rows.join('\n'),
      );
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
});
