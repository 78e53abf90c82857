/** The situations of the sample kernel: where to stop, and what a walk of the stack must find there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QemuMachine } from './qemu-walk';

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

/** Situations that one boot can serve. */
export function groupByBoot(situations: readonly Situation[]): ReadonlyMap<string, readonly Situation[]> {
  const groups = new Map<string, Situation[]>();
  for (const situation of situations) {
    const { elf, smp, append } = situation;
    const key = [elf, `${smp} hart${smp > 1 ? 's' : ''}`, append].filter((part) => part !== '').join(', ');
    groups.set(key, [...(groups.get(key) ?? []), situation]);
  }
  return groups;
}

/** What QEMU is to boot for it. */
export function qemuMachine(situation: Situation): QemuMachine {
  const { smp, append, firmware } = situation;
  const elf = elfPath(situation);
  const bios = firmware === 'none' ? ['-bios', 'none'] : [];
  return { elf, options: ['-smp', `${smp}`, '-append', append, '-kernel', elf, ...bios] };
}

/** Without repetitions of neighbours, and without frames whose stack is not known. */
export function stackKinds(stacks: readonly (string | null)[]): string[] {
  const known = stacks.filter((stack) => stack !== null);
  return known.filter((stack, i) => stack !== known[i - 1]);
}
