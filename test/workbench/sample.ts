/** Places in sources, found by what stands there, so that editing them does not move the tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './server';

/**
 * 1-based number of the first line that contains `text`, below the line that contains `after` if that is given.
 * Throws when there is none. `file` is relative to `folder`, the sample kernel's by default.
 */
export function lineOf(file: string, text: string, after = '', folder = join(root, 'sample-kernel')): number {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n');
  const from = lines.findIndex((line) => line.includes(after));
  const index = from < 0 ? -1 : lines.findIndex((line, i) => i >= from && line.includes(text));
  if (index < 0) throw new Error(`${file} has no line with '${text}' below '${after}'`);
  return index + 1;
}

/** Where handle_exception has built pt_regs and its record, and calls the handler in C. */
export const callsHandler = lineOf('entry.S', 'jalr\tt1', '.Lcall_handler:');
/** Inside a timer interrupt that was taken in a page fault's handler, in a system call. */
export const pagerInterrupt = lineOf('vm.c', 'pager_done = true', 'pager_interrupt(struct timer');
