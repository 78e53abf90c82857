/** What a stop costs: frames a second from memory to named rows, and the answers that an editor asks for, with four harts. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { buildAdapter } from '../test/dap/built-adapter.test-support';
import { DapClient } from '../test/dap/dap-client.test-support';
import { requirements } from './requirements';
import type { Section } from './section';
import { median, quantile } from './statistics';
import { figure, table } from './table';
import { walks } from './unwind-walks';

const title = 'Unwinding';
const sample = {
  name: 'sample kernel',
  program: join(__dirname, '../sample-kernel/prebuilt/sample-metadata.elf'),
  place: 'pager_interrupt',
  often: 'syscall',
};
const HARTS = 4;

interface Subject {
  readonly name: string;
  readonly program: string;
  /** Deep in an interrupt of kernel code. */
  readonly place: string;
  /** Where the kernel comes many times. */
  readonly often: string;
  readonly initrd?: string;
}

export async function measureUnwinding(rounds: number): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-unwind-'));
  const adapter = await buildAdapter();
  try {
    const subjects = [sample, ...linux(folder)];
    const script = join(folder, 'unwind-speed.js');
    await build({
      entryPoints: [join(__dirname, 'unwind-speed.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'cjs',
    });
    const speeds = subjects.map((subject) => speedsOf(script, subject, rounds));
    const stops = [];
    for (const subject of subjects) stops.push(await timeStops(adapter.script, subject, rounds));
    return {
      title,
      blocks: [
        table(
          ['frames a second', ...walks],
          speeds.map((row, n) => [subjects[n]!.name, ...row.map((value) => figure(value))]),
        ),
        `From memory to rows with names and lines, by processor time, best of ${rounds}. \`metadata\` is the walk by the kernel's rules alone, the default one has R11.`,
        table(
          [`threads and call stacks of ${HARTS} harts, ms`, 'count', 'median', '95 %'],
          stops.map((times, n) => [
            subjects[n]!.name,
            figure(times.length),
            figure(median(times), 1),
            figure(quantile(times, 0.95), 1),
          ]),
        ),
        'From the stop to the last answer of `threads` and of `stackTrace` (20 rows) for each hart, all asked for at once. The first stops read debug information.',
      ],
      findings: [
        ...speeds.map((row, n) => ({
          requirement: requirements.frames,
          of: subjects[n]!.name,
          value: row[0]!,
        })),
        ...stops.map((times, n) => ({
          requirement: requirements.stop,
          of: subjects[n]!.name,
          value: quantile(times, 0.95),
        })),
      ],
    };
  } finally {
    await adapter.remove();
    rmSync(folder, { recursive: true });
  }
}

function linux(folder: string): Subject[] {
  const kernels = process.env['RISCV_UNWIND_LINUX'] ?? '';
  const packed = join(kernels, 'vmlinux-metadata.gz');
  if (kernels === '' || !existsSync(packed)) return [];
  const program = join(folder, 'vmlinux');
  writeFileSync(program, gunzipSync(readFileSync(packed)));
  return [
    {
      name: 'Linux',
      program,
      place: 'hrtimer_interrupt',
      often: 'hrtimer_interrupt',
      initrd: join(kernels, 'init.cpio'),
    },
  ];
}

/** Frames a second by each walk, best of the rounds: in a process of its own, of code that is bundled as it is shipped. */
function speedsOf(
  script: string,
  { program, place, initrd = '' }: Subject,
  rounds: number,
): readonly number[] {
  const { stdout } = spawnSync(process.execPath, [script, program, place, `${rounds}`, initrd], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(stdout) as readonly number[];
}

/** Milliseconds that the answers after a stop take. */
async function timeStops(
  script: string,
  { program, often, initrd }: Subject,
  rounds: number,
): Promise<number[]> {
  const client = DapClient.process(script);
  const times: number[] = [];
  try {
    await client.launch({ program, smp: HARTS, ...(initrd !== undefined && { initrd }) }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name: often }] }),
    );
    while (times.length < 30 * rounds) {
      const { event } = await client.event('stopped', 'terminated');
      if (event === 'terminated') break;
      const start = performance.now();
      const harts = Array.from({ length: HARTS }, (_, index) => index + 1);
      await Promise.all([
        client.send('threads'),
        ...harts.map((threadId) => client.send('stackTrace', { threadId, levels: 20 })),
      ]);
      times.push(performance.now() - start);
      await client.send('continue', { threadId: 1 });
    }
  } finally {
    client.close();
  }
  return times;
}
