import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { ended, place, stoppedAt } from './frames';
import { harness } from './harness';
import { callsHandler } from './sample';
import { out } from './server';
import type { ShownFrame } from './workbench';

describe('the workbench: sessions', () => {
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
});
