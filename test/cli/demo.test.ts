import assert from 'node:assert/strict';
import { root } from '../built-cli.test-support';
import { assertGolden } from '../golden';
import { inProcess } from './in-process.test-support';

describe('demo', () => {
  it('shows six call stacks without an editor', async () => {
    const { status, stdout, stderr } = await inProcess(['demo']);
    assert.equal(status, 0);
    assert.equal(stderr, '');
    assertGolden('cli/demo', stdout.replaceAll(`${root}/`, ''));
  });
});
