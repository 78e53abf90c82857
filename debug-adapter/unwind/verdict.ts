/** R20: may the kernel rely on this walk, all or nothing? */
import type { Frame, WalkEnd, WalkResult } from './types';

export function judge(
  frames: readonly Frame[],
  end: WalkEnd,
  note: string | undefined,
): Pick<WalkResult, 'reliable' | 'verdict'> {
  const doubt = firstDoubt(frames, end, note);
  return doubt === undefined
    ? { reliable: true, verdict: 'reliable (R20): ended at FINAL and crossed no exception boundary' }
    : { reliable: false, verdict: `not reliable (R20): ${doubt}` };
}

function firstDoubt(frames: readonly Frame[], end: WalkEnd, note: string | undefined): string | undefined {
  if (end.kind === 'error') return `the walk ended at ${end.rule}, not at FINAL`;
  if (note !== undefined) return note;
  const boundaries = frames.filter((frame) => frame.mark === 'P').length;
  if (boundaries === 0) return undefined;
  const crossed = boundaries === 1 ? 'an exception boundary was' : `${boundaries} exception boundaries were`;
  return `${crossed} crossed, and frame pointers cannot tell whether ra was live there (R9)`;
}
