/**
 * From nothing to a breakpoint in a real kernel, as an editor has it and as gdb does: both start as a process, load the
 * same 54 MB of vmlinux and set a breakpoint on `handle_exception`. Needs gdb, and a folder with kernels.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { DapClient } from '../test/dap/dap-client.test-support';

const gdb = 'gdb-multiarch';
const symbol = 'handle_exception';

export interface KernelStart {
  /** Milliseconds from the start of the process to the verified breakpoint. */
  readonly adapter: number;
  /** Milliseconds of that from the `launch` request on. */
  readonly fromLaunch: number;
  readonly gdb: number;
  /** Resident memory of the adapter then, in megabytes; NaN where the system does not tell. */
  readonly residentMegabytes: number;
}

/** Why there is nothing to measure, or `undefined`. */
export function missingForKernelStart(): string | undefined {
  if (packedKernel() === undefined) return 'RISCV_UNWIND_LINUX names no folder with vmlinux-metadata.gz';
  return spawnSync(gdb, ['--version']).status === 0 ? undefined : `${gdb} is not installed`;
}

/** Measures `runs` starts of each in turn, so that noise of the host hits both alike. */
export async function measureKernelStart(runs: number): Promise<KernelStart[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-start-'));
  try {
    // Sources are looked for beside the kernel and, by path, one folder up: in what this one makes.
    mkdirSync(join(folder, 'build'));
    const kernel = join(folder, 'build', 'vmlinux');
    writeFileSync(kernel, gunzipSync(readFileSync(packedKernel()!)));
    const script = join(folder, 'debug-adapter.js');
    await bundle(script);
    const starts: KernelStart[] = [];
    for (let run = 0; run < runs; run++) {
      starts.push({ gdb: timeGdb(kernel), ...(await timeAdapter(script, kernel)) });
    }
    return starts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function packedKernel(): string | undefined {
  const path = join(process.env['RISCV_UNWIND_LINUX'] ?? '', 'vmlinux-metadata.gz');
  return existsSync(path) ? path : undefined;
}

async function bundle(outfile: string): Promise<void> {
  const entry = fileURLToPath(new URL('../debug-adapter/cli/debug-adapter.ts', import.meta.url));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
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

async function timeAdapter(script: string, program: string): Promise<Omit<KernelStart, 'gdb'>> {
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
      adapter: end - start,
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
