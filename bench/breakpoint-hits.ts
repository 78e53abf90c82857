/** What breakpoints cost that are hit and do not stop: conditions that are false, hit counts, log points. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { hitCases } from './hit-cases';
import { requirements } from './requirements';
import { interleave } from './rounds';
import type { Section } from './section';
import { median } from './statistics';
import { figure, table } from './table';

const program = join(__dirname, '../sample-kernel/prebuilt/sample-metadata.elf');

export async function measureBreakpointHits(rounds: number): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-hits-'));
  try {
    const script = join(folder, 'hit-speed.js');
    await build({
      entryPoints: [join(__dirname, 'hit-speed.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'cjs',
    });
    return sectionOf(await measure(script, rounds));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Hits a second by case: each in a process of its own, of code that is bundled as it is shipped. */
async function measure(script: string, rounds: number): Promise<Readonly<Record<string, readonly number[]>>> {
  const measurements = Object.keys(hitCases).map((name) => [name, () => hitsASecond(script, name)] as const);
  return interleave(rounds, Object.fromEntries(measurements));
}

function hitsASecond(script: string, name: string): number {
  const { stdout } = spawnSync(process.execPath, [script, program, name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return Number(stdout);
}

function sectionOf(rates: Readonly<Record<string, readonly number[]>>): Section {
  const rows = Object.entries(rates).map(([name, each]) => ({ name, best: Math.max(...each), each }));
  const [{ best: simplest }] = rows as [(typeof rows)[number]];
  return {
    title: 'Breakpoints that are hit and do not stop',
    blocks: [
      table(
        ['hits a second', 'best', 'median', 'of those of a hit count alone'],
        rows.map(({ name, best, each }) => [
          name,
          figure(best),
          figure(median(each)),
          figure(best / simplest, 2),
        ]),
      ),
      'A loop of two instructions in a task of the sample kernel, with the breakpoint in it, by processor time. Of a log point a client gets what it can show.',
    ],
    findings: rows.map(({ name, best }) => ({ requirement: requirements.hits, of: name, value: best })),
  };
}
