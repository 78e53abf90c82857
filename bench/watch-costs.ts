/** What a data breakpoint costs that is not hit: code that works on the page of the watched byte, and code that works elsewhere. */
import type { BootImage, MachineApi, Watchpoint } from '../emulator/api';
import { Machine } from '../emulator/machine';
import { requirements, type Finding } from './requirements';
import { interleave } from './rounds';
import { LOAD_ADDRESS, mips, programImage, runProgram, type ProgramRun } from './run-program';
import type { Section } from './section';
import { median } from './statistics';
import { figure, table } from './table';

/** Programs with much and with some of their work on the stack. */
const programs = ['calls', 'vm'];
/** Instructions after which the host has compiled what it is going to compile. */
const WARM = 50_000_000;
/** Instructions of a program: what it does does not change with time. */
const LIMIT = 500_000_000;
const PAGE = 4096n;
/** By so many instructions `start.S` has set sp. */
const START = 20;
/** Nothing is there. */
const elsewhere = BigInt(LOAD_ADDRESS + 0x200_0000);

interface Result {
  readonly program: string;
  readonly plain: readonly ProgramRun[];
  readonly samePage: readonly ProgramRun[];
  readonly elsewhere: readonly ProgramRun[];
}

export async function measureWatchCosts(rounds: number): Promise<Section> {
  const results: Result[] = [];
  for (const program of programs)
    results.push({ program, ...(await measure(programImage(program), rounds)) });
  return {
    title: 'Data breakpoints',
    blocks: [
      table(
        ['program', 'MIPS', 'times as long: byte on the stack’s page', 'byte elsewhere'],
        results.map((result) => [
          result.program,
          figure(Math.max(...result.plain.map(mips))),
          figure(slowdown(result, 'samePage'), 2),
          figure(slowdown(result, 'elsewhere'), 2),
        ]),
      ),
      "One byte is watched that is not accessed: on the page of the program's innermost stack frames, or where the program has nothing. Medians of the rounds' ratios, by processor time.",
    ],
    findings: results.flatMap(findings),
  };
}

async function measure(image: BootImage, rounds: number): Promise<Omit<Result, 'program'>> {
  const unused = untouchedOnHotPage(image);
  await runProgram(image, { limit: WARM });
  return interleave(rounds, {
    plain: () => runProgram(image, { limit: LIMIT }),
    samePage: () => runProgram(image, { limit: LIMIT, prepare: watching(unused) }),
    elsewhere: () => runProgram(image, { limit: LIMIT, prepare: watching(elsewhere) }),
  });
}

function watching(address: bigint): (machine: MachineApi) => void {
  const watchpoint: Watchpoint = {
    kind: 'memory',
    id: 1,
    space: 'physical',
    address,
    length: 1,
    access: 'read-write',
  };
  return (machine) => machine.setWatchpoints([watchpoint]);
}

/** The byte above the stack, which is the last thing in the programs' memory. `la` sets sp in two instructions. */
function untouchedOnHotPage(image: BootImage): bigint {
  const machine = new Machine({ image, firmware: 'none' });
  let top = 0n;
  for (let changes = 0; changes < 2 && machine.instructions < START;) {
    machine.run({ budget: 1 });
    const sp = machine.harts[0]!.getX(2);
    if (sp !== top) changes++;
    top = sp;
  }
  if (top % PAGE === 0n) throw new Error('The stack ends with its page.');
  return top;
}

/** By processor time, which other work on the host disturbs less. */
function slowdown(result: Result, kind: 'samePage' | 'elsewhere'): number {
  const time = ({ cpuSeconds, instructions }: ProgramRun): number => cpuSeconds / instructions;
  return median(result.plain.map((run, round) => time(result[kind][round]!) / time(run)));
}

function findings(result: Result): readonly Finding[] {
  const { program: of } = result;
  return [
    { requirement: requirements.watchedPage, of, value: slowdown(result, 'samePage') },
    { requirement: requirements.watchedElsewhere, of, value: slowdown(result, 'elsewhere') },
  ];
}
