import assert from 'node:assert/strict';
import { functions, place, stoppedAt } from './frames';
import { harness } from './harness';
import { callsHandler, lineOf } from './sample';

/** Where the trap handler hands a page fault of user code over to the memory management. */
const enablesInterrupts = lineOf('fault.c', 'regs->status & SR_PIE');

describe('the workbench: variables', () => {
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

      // What is open stays open after an edit, as is the frame that was chosen.
      await workbench.setVariable('gp', '4711');
      const after = await workbench.variables((shown) =>
        shown.some((row) => /^gp ?= ?(4711|0x1267)\b/.test(row)),
      );
      assert.ok(
        after.some((row) => /^epc\b/.test(row)),
        after.join('\n'),
      );
    }));

  it('writes a register as its context menu says, and all of them as the command of the palette says', () =>
    harness.inSample('value-formats', { launchJson: true }, async (workbench) => {
      await workbench.openFile('entry.S');
      await workbench.clickGutter(callsHandler);
      await workbench.page.keyboard.press('F5');
      await workbench.frames(stoppedAt('entry.S', callsHandler));
      await workbench.makeRoomForCallStack();
      for (const section of ['Call Stack', 'Breakpoints']) await workbench.toggleSection(section);
      await workbench.variables((rows) => rows.some((row) => /^ra =0x\w{16} <tour_kernel\+\w+>$/.test(row)));
      const write = async (register: string, format: string, shown: RegExp) => {
        await workbench.variableMenu(register, 'View Value As…');
        await workbench.quickPickRow(format).click();
        await workbench.variables((rows) =>
          rows.some((row) => row.startsWith(`${register} =`) && shown.test(row)),
        );
      };
      await write('s4', 'Binary', /=0b0011$/);
      await write('sp', 'Decimal', /=-\d+$/);
      await write('s0', 'Unsigned Decimal', /=\d{19,20}$/);
      await write('ra', 'Hexadecimal', /=0xffffffff8\w{7}$/);
      await workbench.screenshot('value-formats');
      await write('ra', 'Hexadecimal with Symbol', /=0x\w{16} <tour_kernel\+\w+>$/);

      await workbench.command('View Value As…');
      await workbench.quickPickRow('Decimal').click();
      const rows = await workbench.variables((shown) => shown.some((row) => /^pc =-\d+$/.test(row)));
      assert.ok(rows.includes('s4 =3'), rows.join('\n'));
    }));
});
