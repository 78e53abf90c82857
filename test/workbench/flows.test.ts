import assert from 'node:assert/strict';
import { Harness } from './harness';

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

  it('probe', () =>
    harness.inSample('probe', { launchJson: true }, async (workbench) => {
      await workbench.openFile('entry.S');
      await workbench.clickGutter(73);
      await workbench.screenshot('probe');
      assert.ok(true);
    }));
});
