/** Whether a name is anywhere in debug information, without reading it: most that people ask for and that do not exist are not. */
import type { Steps } from '../steps';
import type { DwarfSections } from './sections';

/** Bytes that are searched in one step. */
const PIECE = 1 << 22;

/** False only if no DIE has the name: it is neither in a section of strings nor, as DW_FORM_string, among the DIEs. */
export function* occurs(sections: DwarfSections, name: string): Steps<boolean> {
  const pattern = new TextEncoder().encode(`${name}\0`);
  for (const section of ['str', 'line_str', 'info', 'types'] as const) {
    const bytes = sections.get(section);
    for (let start = 0; start < bytes.length; start += PIECE) {
      if (includes(bytes.subarray(start, start + PIECE + pattern.length - 1), pattern)) return true;
      yield start / bytes.length;
    }
  }
  return false;
}

/** Looks for one byte of the pattern, which the platform does quickly, and compares the rest there. */
function includes(bytes: Uint8Array, pattern: Uint8Array): boolean {
  // Of the first two the larger one: small values are the commonest in debug information.
  const anchor = (pattern[1] ?? 0) > pattern[0]! ? 1 : 0;
  const byte = pattern[anchor]!;
  const last = bytes.length - pattern.length;
  let at = bytes.indexOf(byte, anchor) - anchor;
  while (at >= 0 && at <= last) {
    let same = 0;
    while (same < pattern.length && bytes[at + same] === pattern[same]) same++;
    if (same === pattern.length) return true;
    at = bytes.indexOf(byte, at + anchor + 1) - anchor;
  }
  return false;
}
