/** What is asked of the speed, all of it in one place. `--check` holds what was measured against it. */
export interface Requirement {
  readonly what: string;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const timesQemu = "times QEMU's";

export const requirements = {
  program: { what: 'speed of each program', unit: timesQemu, atLeast: 0.8 },
  programs: { what: "geometric mean of the programs' speeds", unit: timesQemu, atLeast: 1 },
  interpreter: { what: 'speed of the interpreter alone on integer programs', unit: 'MIPS', atLeast: 200 },
  smallLinux: { what: 'wall time of a small Linux to its power-off', unit: timesQemu, atMost: 0.5 },
  distribution: {
    what: "wall time of a distribution's kernel to its power-off",
    unit: timesQemu,
    atMost: 1,
  },
  memory: { what: "resident memory of a boot beside the guest's", unit: 'MB', atMost: 600 },
  pause: { what: 'from a pause request to the stop', unit: 'ms', atMost: 10 },
  frames: { what: 'unwinding, from memory to named frames', unit: 'frames a second', atLeast: 200_000 },
  stop: { what: 'answers to threads and call stacks of four harts after a stop', unit: 'ms', atMost: 10 },
  hits: { what: 'hits of a breakpoint that does not stop', unit: 'a second', atLeast: 100_000 },
  watchedPage: { what: 'time of a program with a watched byte on its hot page', unit: 'times', atMost: 10 },
  watchedElsewhere: { what: 'time of a program with a watched byte elsewhere', unit: 'times', atMost: 1.25 },
  step: { what: 'from a step request to the stop', unit: 'ms', atMost: 2 },
} as const satisfies Readonly<Record<string, Requirement>>;

/** What was measured of something that is required. */
export interface Finding {
  readonly requirement: Requirement;
  /** Whose figure it is, such as a program. */
  readonly of: string;
  readonly value: number;
}

export function isMet({ requirement: { atLeast = -Infinity, atMost = Infinity }, value }: Finding): boolean {
  return value >= atLeast && value <= atMost;
}

export function limitOf({ unit, atLeast, atMost }: Requirement): string {
  return atLeast === undefined ? `at most ${atMost} ${unit}` : `at least ${atLeast} ${unit}`;
}

/** The finding that is furthest from being met. */
export function worst(findings: readonly Finding[]): Finding | undefined {
  const badness = ({ requirement, value }: Finding): number =>
    requirement.atLeast === undefined ? value : -value;
  return findings.toSorted((a, b) => badness(b) - badness(a))[0];
}

/** A sentence on a requirement that is missed. */
export function complaint({ requirement, of, value }: Finding): string {
  const digits = requirement.unit === timesQemu ? 2 : 1;
  return `${of} misses "${requirement.what}": ${value.toFixed(digits)} ${requirement.unit}, where ${limitOf(requirement)} is required.`;
}
