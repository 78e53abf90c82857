/** The programs of `programs/` on our interpreter, our translator and QEMU. */
import { noQemu, qemuVersion, timeOnQemu, type QemuTime } from './qemu';
import { requirements, type Finding } from './requirements';
import { interleave } from './rounds';
import { mips, programImage, programPath, runProgram, type ProgramRun } from './run-program';
import type { Section } from './section';
import { geometricMean, median } from './statistics';
import { figure, table } from './table';

/** The interpreter's speed does not change from one of a program's rounds to the next: some are enough. */
const INTERPRETED = 100_000_000;
/** Instructions after which the host has compiled what it is going to compile. */
const WARM = 20_000_000;

interface Program {
  readonly name: string;
  readonly does: string;
  /** Held against the interpreter's speed. */
  readonly integer: boolean;
}

export const programs: readonly Program[] = [
  { name: 'sieve', integer: true, does: 'sieve of primes, CRC-32' },
  { name: 'sort', integer: true, does: 'merge sort of a list, pointer chasing' },
  { name: 'calls', integer: true, does: 'recursion, calls through pointers across pages' },
  { name: 'divide', integer: true, does: 'primality tests, divisors, digits: mul, mulhu, div, rem' },
  { name: 'float', integer: false, does: 'planets in doubles, Mandelbrot set in singles' },
  { name: 'vm', integer: true, does: 'bytecode interpreter, indirect jumps' },
  { name: 'memory', integer: true, does: 'copy, fill, compare, search by byte and word' },
];

interface Result {
  readonly program: Program;
  /** One of each in every round. */
  readonly interpreter: readonly ProgramRun[];
  readonly translator: readonly ProgramRun[];
  /** None without QEMU. */
  readonly qemu: readonly ProgramRun[];
}

export async function measurePrograms(chosen: readonly Program[], rounds: number): Promise<Section> {
  const results: Result[] = [];
  for (const program of chosen) results.push(await measure(program, rounds));
  const mean = geometricMean(results.map(timesQemu));
  return {
    title: 'Programs',
    blocks: [
      table(
        ['program', 'M instr.', 'interpreter', 'translator', 'QEMU', 'tr./QEMU', 'CPU', 'tr./int.', 'does'],
        results.map(row),
      ),
      qemuVersion === undefined
        ? `No comparison with QEMU: ${noQemu}.`
        : `Geometric mean of translator/QEMU: ${figure(mean, 2)}.`,
      `Speeds are MIPS, best (median) of ${rounds}, QEMU's without its start. tr./QEMU, tr./int.: the translator's speed in multiples of QEMU's and the ` +
        "interpreter's, median of the rounds' ratios. CPU: tr./QEMU by processor time, which other work on the host disturbs less; it counts compiling in the background.",
    ],
    findings: [
      ...results.flatMap(findings),
      ...(qemuVersion !== undefined && results.length === programs.length
        ? [{ requirement: requirements.programs, of: 'programs', value: mean }]
        : []),
    ],
  };
}

async function measure(program: Program, rounds: number): Promise<Result> {
  const image = programImage(program.name);
  const path = programPath(program.name);
  await runProgram(image, { limit: WARM });
  await runProgram(image, { limit: WARM, translate: false });
  const { interpreter, translator, qemu } = await interleave(rounds, {
    interpreter: () => runProgram(image, { limit: INTERPRETED, translate: false }),
    translator: () => runProgram(image),
    qemu: () => (qemuVersion === undefined ? undefined : timeOnQemu(path)),
  });
  const { instructions } = translator[0]!;
  const timed = qemu.filter((time) => time !== undefined);
  return {
    program,
    interpreter,
    translator,
    qemu: timed.map((time: QemuTime) => ({ instructions, ...time })),
  };
}

function row({ program, interpreter, translator, qemu }: Result): string[] {
  return [
    program.name,
    figure(translator[0]!.instructions / 1e6),
    ...[interpreter, translator, qemu].map(speed),
    figure(ratio(translator, qemu), 2),
    figure(ratio(translator, qemu, 'cpuSeconds'), 2),
    figure(ratio(translator, interpreter), 2),
    program.does,
  ];
}

function findings(result: Result): Finding[] {
  const { name: of, integer } = result.program;
  return [
    ...(integer
      ? [{ requirement: requirements.interpreter, of, value: Math.max(...result.interpreter.map(mips)) }]
      : []),
    ...(qemuVersion === undefined
      ? []
      : [{ requirement: requirements.program, of, value: timesQemu(result) }]),
  ];
}

const timesQemu = ({ translator, qemu }: Result): number => ratio(translator, qemu);

/** Speed as a multiple of the others', by what was measured one after the other, round by round. */
function ratio(
  ours: readonly ProgramRun[],
  theirs: readonly ProgramRun[],
  time: 'seconds' | 'cpuSeconds' = 'seconds',
): number {
  const speed = (run: ProgramRun): number => run.instructions / run[time];
  return median(theirs.map((their, round) => speed(ours[round]!) / speed(their)));
}

function speed(runs: readonly ProgramRun[]): string {
  const speeds = runs.map(mips);
  return speeds.length > 0 ? `${Math.max(...speeds).toFixed(0)} (${median(speeds).toFixed(0)})` : '-';
}
