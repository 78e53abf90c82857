/**
 * From nothing to a breakpoint in a real kernel, as an editor has it and as gdb does: both start as a process, load the
 * same 54 MB of vmlinux and set a breakpoint on `handle_exception`. Needs gdb, and a folder with kernels.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { gunzipSync } from 'node:zlib';
import { buildAdapter } from '../test/dap/built-adapter.test-support';
import { DapClient } from '../test/dap/dap-client.test-support';
import { interleave } from './rounds';
import { skipped, type Section } from './section';
import { median } from './statistics';
import { figure, table } from './table';

const title = 'The start on a real kernel, beside gdb';
const gdb = 'gdb-multiarch';
const symbol = 'handle_exception';

interface AdapterStart {
  /** Milliseconds from the start of the process to the verified breakpoint. */
  readonly whole: number;
  /** Milliseconds of that from the `launch` request on. */
  readonly fromLaunch: number;
  /** Resident memory then, in megabytes; NaN where the system does not tell. */
  readonly residentMegabytes: number;
}

export async function measureKernelStart(rounds: number): Promise<Section> {
  const packed = packedKernel();
  if (packed === undefined)
    return skipped(title, 'RISCV_UNWIND_LINUX names no folder with vmlinux-metadata.gz');
  if (spawnSync(gdb, ['--version']).status !== 0) return skipped(title, `${gdb} is not installed`);
  const folder = mkdtempSync(join(tmpdir(), 'bench-start-'));
  const adapter = await buildAdapter();
  try {
    // Sources are looked for beside the kernel and, by path, one folder up: in what this one makes.
    mkdirSync(join(folder, 'build'));
    const kernel = join(folder, 'build', 'vmlinux');
    writeFileSync(kernel, gunzipSync(readFileSync(packed)));
    const times = await interleave(rounds, {
      gdb: () => timeGdb(kernel),
      adapter: () => timeAdapter(adapter.script, kernel),
    });
    return report(times.gdb, times.adapter);
  } finally {
    await adapter.remove();
    rmSync(folder, { recursive: true });
  }
}

function report(gdbTimes: readonly number[], starts: readonly AdapterStart[]): Section {
  const row = (what: string, times: readonly number[]): string[] => [
    what,
    figure(Math.min(...times)),
    figure(median(times)),
    figure(median(times.map((time, round) => time / gdbTimes[round]!)), 2),
  ];
  const resident = median(starts.map((start) => start.residentMegabytes));
  return {
    title,
    blocks: [
      table(
        ['a breakpoint in a vmlinux of 54 MB is set', 'best ms', 'median ms', "to gdb's"],
        [
          row(
            'from the start of the adapter',
            starts.map((start) => start.whole),
          ),
          row(
            'from its launch request',
            starts.map((start) => start.fromLaunch),
          ),
          row('by gdb', gdbTimes),
        ],
      ),
      `${starts.length} starts. The adapter has ${figure(resident)} MB resident then.`,
    ],
    findings: [],
  };
}

function packedKernel(): string | undefined {
  const path = join(process.env['RISCV_UNWIND_LINUX'] ?? '', 'vmlinux-metadata.gz');
  return existsSync(path) ? path : undefined;
}

function timeGdb(kernel: string): number {
  const start = performance.now();
  const { stdout } = spawnSync(gdb, ['-batch', '-nx', '-ex', `break ${symbol}`, kernel], {
    encoding: 'utf8',
  });
  const time = performance.now() - start;
  if (!stdout.startsWith('Breakpoint 1 at')) throw new Error(`gdb set no breakpoint: ${stdout}`);
  return time;
}

async function timeAdapter(script: string, program: string): Promise<AdapterStart> {
  const start = performance.now();
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const client = new DapClient(child.stdout, child.stdin, () => child.kill());
  try {
    await client.send('initialize', { adapterID: 'riscv-unwind' });
    const launched = performance.now();
    await client.sendRaw('launch', { program });
    const { breakpoints } = await client.send('setFunctionBreakpoints', { breakpoints: [{ name: symbol }] });
    const end = performance.now();
    if (breakpoints[0]?.verified !== true) throw new Error('The adapter set no breakpoint.');
    return {
      whole: end - start,
      fromLaunch: end - launched,
      residentMegabytes: residentMegabytes(child.pid!),
    };
  } finally {
    client.close();
  }
}

/** As Linux tells it (proc(5)). */
function residentMegabytes(pid: number): number {
  const status = `/proc/${pid}/status`;
  if (!existsSync(status)) return NaN;
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(status, 'utf8'))?.[1]) / 1024;
}
