/** R20: may the kernel rely on this walk, all or nothing? */
import type { Frame, WalkEnd, WalkResult } from './types';

export function judge(
  frames: readonly Frame[],
  end: WalkEnd,
  note: string | undefined,
): Pick<WalkResult, 'reliable' | 'verdict'> {
  const doubt = firstDoubt(frames, end, note);
  return doubt === undefined
    ? {
        reliable: true,
        verdict: 'reliable for livepatch (R20): ended at FINAL and crossed no exception boundary',
      }
    : { reliable: false, verdict: `not reliable for livepatch (R20): ${doubt}` };
}

function firstDoubt(frames: readonly Frame[], end: WalkEnd, note: string | undefined): string | undefined {
  if (end.kind === 'error') return `the walk ended at ${end.rule}, not at FINAL`;
  if (note !== undefined) return note;
  if (frames.some(isBehindTrampoline))
    return "a tracer's trampoline was running, which is no function with a frame of its own (R18)";
  const boundaries = frames.filter((frame) => frame.mark === 'P').length;
  if (boundaries === 0) return undefined;
  const crossed = boundaries === 1 ? 'an exception boundary was' : `${boundaries} exception boundaries were`;
  return `${crossed} crossed, and frame pointers cannot tell whether ra was live there (R9)`;
}

/**
 * What a walk by call frame information is worth. R20 is about what the kernel itself can rely on, and no kernel walks so:
 * it is a witness, which knows who called whom where frame pointers cannot (a live ra, a leaf without a record), and whose own
 * errors are others than theirs. What both say is so; where they differ, one of them shows where.
 */
export function judgeWitness(
  frames: readonly Frame[],
  end: WalkEnd,
): Pick<WalkResult, 'reliable' | 'verdict'> {
  const others = frames.filter((frame) => frame.origin.kind === 'record').length;
  const steps =
    others === 0 ? '' : `, ${others} of them by a frame record where there is no call frame information`;
  const verdict =
    end.kind === 'final'
      ? `a witness, not the kernel's verdict (R20): by call frame information from the first frame to the last${steps}`
      : `a witness, not the kernel's verdict (R20): by call frame information until ${end.rule}${steps}`;
  return { reliable: false, verdict };
}

/** True for the row that R16 adds: other rows of replaced return addresses were read from where those were saved. */
function isBehindTrampoline({ mark, origin }: Frame): boolean {
  return (mark === 'F' || mark === 'K') && origin.kind === 'slot';
}
