import assert from 'node:assert/strict';
import { stoppedAt } from './frames';
import { harness } from './harness';
import { HexView } from './hex-view';
import { callsHandler, lineOf } from './sample';

/** Takes the next pid: `last_pid` grows by one. */
const countsPids = lineOf('fork.c', '__atomic_add_fetch(&last_pid');

describe('the workbench: memory', () => {
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

  it('is shown and edited in the hex editor, which follows what the guest writes', () =>
    harness.beside('hex-editor', () =>
      harness.inSample('hex-editor', { launchJson: true }, async (workbench) => {
        const { page } = workbench;
        await workbench.openFile('fork.c');
        await workbench.clickGutter(countsPids);
        await page.keyboard.press('F5');
        await workbench.frames(stoppedAt('fork.c', countsPids));
        await workbench.makeRoomForCallStack();
        for (const section of ['Call Stack', 'Breakpoints']) await workbench.toggleSection(section);
        await workbench.variables((rows) => rows.some((row) => row.startsWith('args =')));
        await workbench.expandVariable('Statics of the file');
        await workbench.variables((rows) => rows.includes('last_pid =0'));
        await workbench.viewBinaryData('last_pid');
        const view = new HexView(workbench);
        const bytes = await view.bytes(0, 32, (shown) => shown[0] === '00');
        await workbench.typeInConsole('x/32bx &last_pid');
        const printed = await page.locator('.repl .monaco-list-row', { hasText: '0x' }).last().textContent();
        assert.deepEqual(printed?.match(/(?<=0x)[\da-f]{2}(?![\da-f])/g), bytes);

        await view.write(0, '29');
        await workbench.variables((rows) => rows.includes('last_pid =41'));
        await workbench.debugButton('Step Over');
        await view.bytes(0, 1, ([byte]) => byte === '2a');
        await workbench.expandVariable('Statics of the file');
        await workbench.variables((rows) => rows.includes('last_pid =42'));
        await workbench.screenshot('hex-editor');
      }),
    ));

  it('in the hex editor may be physical, and says where it ends', () =>
    harness.beside('hex-editor', () =>
      harness.inSample('hex-editor-physical', { launchJson: true }, async (workbench) => {
        const { page } = workbench;
        await workbench.openFile('entry.S');
        await workbench.clickGutter(callsHandler);
        await page.keyboard.press('F5');
        await workbench.frames(stoppedAt('entry.S', callsHandler));
        const open = async (address: string) => {
          await workbench.command('View Memory at…');
          await workbench.quickInput.fill(address);
          await page.keyboard.press('Enter');
        };
        const view = new HexView(workbench);
        await open('phys:0x80200000');
        const image = await view.bytes(0, 16, (bytes) => bytes.length === 16);
        await workbench.typeInConsole('x/16bx _start');
        const printed = await page.locator('.repl .monaco-list-row', { hasText: '0x' }).last().textContent();
        assert.deepEqual(printed?.match(/(?<=0x)[\da-f]{2}(?![\da-f])/g), image);

        await open('phys:0x87fffff0');
        await view.text(/No more can be read/);
        await view.write(15, 'a5');
        await view.bytes(0, 32, (bytes) => bytes.length === 16 && bytes[15] === 'a5');
        await workbench.screenshot('hex-editor-physical');

        await open('phys:0x10000000');
        await page
          .locator('.notification-toast', { hasText: 'Nothing can be read at phys:0x10000000' })
          .waitFor();
      }),
    ));
});
