/** Golden text: what a program prints, kept in test/golden/ to be read in review. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const directory = join(__dirname, 'golden');
const update = (process.env['UPDATE_GOLDEN'] ?? '') !== '';

/**
 * Compares text with `test/golden/<name>.txt`, which is written if it is missing or UPDATE_GOLDEN is set; where CI is set a
 * missing file is an error. `name` may have folders: `call-stacks/system-call`.
 */
export function assertGolden(name: string, text: string): void {
  const path = join(directory, `${name}.txt`);
  const actual = text.endsWith('\n') ? text : `${text}\n`;
  if (update || !existsSync(path)) {
    assert.ok(
      update || (process.env['CI'] ?? '') === '',
      `${path} is missing: run the test once without CI set.`,
    );
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
    return;
  }
  const expected = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  assert.equal(actual, expected, `${path} differs: look at the difference, then run with UPDATE_GOLDEN=1.`);
}

/** A golden file's name for a title: `timer interrupt over user code` → `timer-interrupt-over-user-code`. */
export function goldenName(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
