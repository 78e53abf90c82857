import assert from 'node:assert/strict';
import { stoppedAt } from './frames';
import { harness } from './harness';
import { callsHandler } from './sample';

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
});
