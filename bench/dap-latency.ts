/** What a user waits for: a pause and steps, through the built adapter in a process of its own. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { tinyElf } from '../test/cli/tiny-elf.test-support';
import { buildAdapter } from '../test/dap/built-adapter.test-support';
import { DapClient } from '../test/dap/dap-client.test-support';
import { requirements, type Finding } from './requirements';
import { programPath } from './run-program';
import type { Section } from './section';
import { measureStatementSteps, type StatementSteps } from './statement-steps';
import { median, quantile } from './statistics';
import { figure, table } from './table';

const STEPS_A_PAUSE = 3;
/** A quantile of the pauses of one boot would be that of two or three stops. */
const MOST_RUNS = 4;
/** What is held against the requirements: so many of all are no slower. The rest is the host's scheduler as well. */
const PART = 0.95;

/** Milliseconds of run before a pause: different, so that pauses fall anywhere into a turn. */
const runsFor = (index: number): number => 5 + (index % 7);

interface Latencies {
  readonly name: string;
  /** Milliseconds from the request to the `stopped` event. */
  readonly pauses: readonly number[];
  readonly steps: readonly number[];
  /** Of programs in C. */
  readonly statements: StatementSteps | undefined;
  /** What a request takes that asks nothing of the machine: what the host adds to the others. */
  readonly answers: readonly number[];
}

export async function measureDap(pauses: number): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-dap-'));
  const adapter = await buildAdapter();
  try {
    const results: Latencies[] = [];
    for (const { name, launch, functions } of subjects(folder)) {
      const latencies = await measure(adapter.script, launch, pauses);
      const statements = functions && (await measureStatementSteps(adapter.script, launch, functions));
      results.push({ name, ...latencies, statements });
    }
    return {
      title: 'Pause and step through the Debug Adapter Protocol',
      blocks: [
        table(
          ['in', 'request', 'count', 'median ms', '95 % ms', 'most ms'],
          results.flatMap(({ name, pauses, steps, statements, answers }) => [
            [name, 'pause', ...figures(pauses)],
            ['', 'step one instruction', ...figures(steps)],
            ...(statements
              ? [
                  ['', 'step over a line', ...figures(statements.over)],
                  ['', 'step into a line', ...figures(statements.into)],
                ]
              : []),
            ['', 'threads', ...figures(answers)],
          ]),
        ),
        'From the request to the event `stopped`; steps by line go through functions of C with others inlined in them, after the call stack was asked for; those that run over more than a thousand instructions are left out. `threads` asks nothing of the machine, which stands: its answer shows what the host adds.',
      ],
      findings: results.flatMap(findings),
    };
  } finally {
    await adapter.remove();
    rmSync(folder, { recursive: true });
  }
}

interface Subject {
  readonly name: string;
  readonly launch: Readonly<Record<string, unknown>>;
  /** In C, to be stepped through by line. */
  readonly functions?: readonly string[];
}

function subjects(folder: string): Subject[] {
  const programs = ['sieve', 'vm', 'calls'].map((name): Subject => {
    const program = join(folder, `${name}.elf`);
    const { buffer, byteOffset, byteLength } = Uint8Array.from(padded(readFileSync(programPath(name))));
    writeFileSync(program, tinyElf({ code: [...new Uint32Array(buffer, byteOffset, byteLength / 4)] }));
    return { name, launch: { program, firmware: 'none' } };
  });
  const sample: Subject = {
    name: 'sample kernel',
    launch: { program: join(import.meta.dirname, '../sample-kernel/prebuilt/sample-metadata.elf') },
    functions: ['copy_process', 'schedule', 'handle_mm_fault', 'do_page_fault'],
  };
  const linux = process.env['RISCV_UNWIND_LINUX'] ?? '';
  const packed = join(linux, 'vmlinux-metadata.gz');
  if (linux === '' || !existsSync(packed)) return [...programs, sample];
  const program = join(folder, 'vmlinux');
  writeFileSync(program, gunzipSync(readFileSync(packed)));
  const initrd = join(linux, 'init.cpio');
  const launch = { program, initrd, append: 'console=hvc0' };
  const functions = ['do_wait', '__schedule', 'copy_process'];
  return [...programs, sample, { name: 'small Linux', launch, functions }];
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);

type Pauses = Omit<Latencies, 'name' | 'statements'>;

/** Of a program that comes to its end before so many pauses, several runs are measured. */
async function measure(script: string, launch: Subject['launch'], count: number): Promise<Pauses> {
  const all = { pauses: [] as number[], steps: [] as number[], answers: [] as number[] };
  for (let run = 0; run < MOST_RUNS && all.pauses.length < count; run++) {
    const { pauses, steps, answers } = await measureRun(script, launch, count - all.pauses.length);
    all.pauses.push(...pauses);
    all.steps.push(...steps);
    all.answers.push(...answers);
  }
  return all;
}

async function measureRun(script: string, launch: Subject['launch'], count: number): Promise<Pauses> {
  const client = DapClient.process(script);
  const pauses: number[] = [];
  const steps: number[] = [];
  const answers: number[] = [];
  try {
    await client.launch({ ...launch });
    const [{ id: threadId } = { id: 0 }] = (await client.send('threads')).threads;
    while (pauses.length < count) {
      await sleep(runsFor(pauses.length));
      const pause = await timeToStop(client, 'pause', { threadId });
      if (pause === undefined) break; // The program came to its end.
      pauses.push(pause);
      for (let step = 0; step < STEPS_A_PAUSE; step++) {
        const time = await timeToStop(client, 'stepIn', { threadId, granularity: 'instruction' });
        if (time !== undefined) steps.push(time);
      }
      const asked = performance.now();
      await client.send('threads');
      answers.push(performance.now() - asked);
      await client.send('continue', { threadId });
    }
  } finally {
    client.close();
  }
  return { pauses, steps, answers };
}

/** Milliseconds until the machine stands; `undefined` if it has ended instead. */
async function timeToStop(client: DapClient, command: string, args: object): Promise<number | undefined> {
  const start = performance.now();
  const time = client
    .event('stopped', 'terminated')
    .then(({ event }) => (event === 'stopped' ? performance.now() - start : undefined));
  await client.sendRaw(command, args);
  return time;
}

function figures(values: readonly number[]): string[] {
  const milliseconds = [median(values), quantile(values, PART), Math.max(...values)];
  return [figure(values.length), ...milliseconds.map((value) => figure(value, 1))];
}

function findings({ name, pauses, steps, statements }: Latencies): Finding[] {
  return [
    ...(statements
      ? [
          {
            requirement: requirements.step,
            of: `${name}, over lines`,
            value: quantile(statements.over, PART),
          },
          {
            requirement: requirements.step,
            of: `${name}, into lines`,
            value: quantile(statements.into, PART),
          },
        ]
      : []),
    { requirement: requirements.pause, of: name, value: quantile(pauses, PART) },
    { requirement: requirements.step, of: name, value: quantile(steps, PART) },
  ];
}
