import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Harness } from './harness';
import { lineOf } from './sample';
import { out } from './server';
import type { ShownFrame } from './workbench';

/** Where handle_exception has built pt_regs and its record, and calls the handler in C. */
const callsHandler = lineOf('entry.S', 'jalr\tt1', '.Lcall_handler:');

/** The walk is complete: its last row says how it ended. */
const ended = (frames: readonly ShownFrame[]) => /^(FINAL|R\d+)/.test(frames.at(-1)?.label ?? '');

describe('the workbench', () => {
  const harness = new Harness();
  before(async function () {
    this.timeout(300_000);
    const missing = await harness.start();
    if (missing !== undefined) {
      this.test!.title += ` (skipped: ${missing})`;
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
    }));

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
    harness.inSample('gutter', { launchJson: false }, async (workbench) => {
      await workbench.openFile('entry.S');
      await workbench.clickGutter(callsHandler);
      await workbench.page.keyboard.press('F5');
      await workbench.quickPickRow('prebuilt/sample-metadata.elf').click();
      await workbench.stopped();
      const frames = await workbench.frames(ended);
      await workbench.screenshot('call-stack');
      assert.match(frames[0]!.label, /^handle_exception\+0x/);
      assert.equal(frames[0]!.file, 'entry.S');
      assert.equal(parseInt(frames[0]!.line), callsHandler);
      assert.ok(ended(frames), JSON.stringify(frames));
    }));
});
