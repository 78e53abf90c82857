/** The situations of the sample kernel: where to stop, and what a walk of the stack must find there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const sampleKernel = join(import.meta.dirname, '../../sample-kernel');

export interface Situation {
  readonly name: string;
  /** File in `sample-kernel/prebuilt/`. */
  readonly elf: string;
  readonly firmware: 'builtin' | 'none';
  readonly smp: number;
  readonly append: string;
  /** `file:line` or a label. */
  readonly break: string;
  readonly hit: number;
  /** The text of that line, so that an edit of the kernel that moves it is noticed. */
  readonly source?: string;
  /** Walk this blocked task, not the hart that stopped. */
  readonly task?: string;
  readonly expect: {
    /** Innermost first. */
    readonly functions: readonly string[];
    readonly end: 'FINAL' | 'error';
    readonly rule?: string;
    /** Exception boundaries inside the kernel. */
    readonly ptRegs: number;
    /** Kinds of stack that the frames are on, innermost first. */
    readonly stacks: readonly string[];
    readonly reliable: boolean;
  };
}

export function loadSituations(): readonly Situation[] {
  return JSON.parse(readFileSync(join(sampleKernel, 'situations.json'), 'utf8')) as readonly Situation[];
}

export function elfPath(situation: Situation): string {
  return join(sampleKernel, 'prebuilt', situation.elf);
}

/** Without repetitions of neighbours, and without frames whose stack is not known. */
export function stackKinds(stacks: readonly (string | null)[]): string[] {
  const known = stacks.filter((stack) => stack !== null);
  return known.filter((stack, i) => stack !== known[i - 1]);
}
