/** Places in the sample kernel's sources, found by what stands there, so that editing them does not move the tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './server';

/**
 * 1-based number of the first line that contains `text`, below the line that contains `after` if that is given.
 * Throws when there is none.
 */
export function lineOf(file: string, text: string, after = ''): number {
  const lines = readFileSync(join(root, 'sample-kernel', file), 'utf8').split('\n');
  const from = lines.findIndex((line) => line.includes(after));
  const index = from < 0 ? -1 : lines.findIndex((line, i) => i >= from && line.includes(text));
  if (index < 0) throw new Error(`sample-kernel/${file} has no line with '${text}' below '${after}'`);
  return index + 1;
}
