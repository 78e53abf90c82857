/** Mocha's root hooks: one browser and one server for the flows of all files. */
import { harness } from './harness';

export const mochaHooks = {
  async beforeAll(this: Mocha.Context): Promise<void> {
    this.timeout(300_000);
    const missing = await harness.start();
    if (missing === undefined) return;
    this.test!.parent!.eachTest((test) => (test.title += ` (skipped: ${missing})`));
    this.skip();
  },
  afterAll: (): Promise<void> => harness.stop(),
};
