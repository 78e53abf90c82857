/** What makes a row of a call stack the same row after registers or memory were edited. */
import type { CallStack, StackRow } from '../debugger/api';
import { hex } from '../unwind/hex';
import type { Frame } from '../unwind/types';

const sp = 2;

/**
 * A text for each row: equal ones, at the same place of the same thread, are the same frame. It is where a frame is (pc, sp as far as it
 * is known, and frame pointer), what the row says, and whose stack it is. What else is in its registers and variables may differ.
 */
export function rowKeys({ task, walk, rows }: CallStack): readonly string[] {
  const of = `${walk.kind} ${task === undefined ? '' : `${hex(task.address)} ${task.comm ?? ''}`}`;
  return rows.map((row) => `${of} ${row.kind} ${placeOf(row)} ${row.text}`);
}

function placeOf(row: StackRow): string {
  if (row.kind === 'frame') return placeOfFrame(row.frame);
  if (row.kind === 'inlined') return `${row.inlined} ${placeOfFrame(row.in.frame)}`;
  return '';
}

function placeOfFrame({ pc, fp, registers }: Frame): string {
  return [pc, fp, registers.get(sp)].map((word) => (word === undefined ? '' : hex(word))).join(' ');
}
