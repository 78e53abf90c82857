/** Runs a kernel on QEMU and has gdb walk its frame records by hand (walk.py): the oracle for our unwinder. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

const QEMU = 'qemu-system-riscv64';
const GDB = 'gdb-multiarch';
const TIMEOUT_MS = 80_000;

export interface QemuWalk {
  /** Names by gdb, innermost first. */
  readonly functions: readonly string[];
  /** Where those were looked up, in hexadecimal, as linked. */
  readonly addresses: readonly string[];
  /** `C` live pc or caller, `P` from pt_regs, `T` blocked task. */
  readonly marks: readonly string[];
  readonly stacks: readonly (string | null)[];
  readonly ptRegs: number;
  /** `FINAL`, or what went wrong in words. */
  readonly end: string;
  /** gdb's own backtrace as far as call frame information leads, as `addresses`. Not of a blocked task. */
  readonly backtrace: readonly string[];
}

export interface QemuMachine {
  /** With the symbols. */
  readonly elf: string;
  /** Of QEMU: what it boots, and on what. */
  readonly options: readonly string[];
}

export interface QemuStop {
  /** `file:line`, `label`, `label+offset` or `*address`. */
  readonly break: string;
  /** Which hit counts; any by default. */
  readonly hit?: number;
  /**
   * Of those, the first whose chain this regular expression finds: functions innermost first, `P:` before those that an exception
   * interrupted, then `FINAL` or what went wrong. Any by default.
   */
  readonly where?: string;
  /** Walk the blocked task of this name, or the first one `where` fits, not the hart that stopped. */
  readonly task?: string;
}

/** Why there is no oracle on this machine, or `undefined`. */
export function missingTools(): string | undefined {
  const missing = [QEMU, GDB].filter((tool) => spawnSync(tool, ['--version']).status !== 0);
  return missing.length > 0 ? `${missing.join(' and ')} not installed` : undefined;
}

/** The walks at the stops of one boot, in the order given. Rejects with gdb's words if one was not reached. */
export async function qemuWalks(
  machine: QemuMachine,
  stops: readonly QemuStop[],
): Promise<readonly QemuWalk[]> {
  const port = await freePort();
  const qemu = spawn(QEMU, [
    ...['-M', 'virt', '-display', 'none', '-serial', 'null', '-monitor', 'none', '-S'],
    ...['-gdb', `tcp:127.0.0.1:${port}`, ...machine.options],
  ]);
  const end = () => qemu.kill('SIGKILL');
  process.once('exit', end);
  try {
    const output = await gdb(JSON.stringify({ port, elf: machine.elf, stops }));
    return parseWalks(output, stops.length);
  } finally {
    process.off('exit', end);
    end();
  }
}

function gdb(walks: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      GDB,
      ['-nx', '-batch', '-x', join(import.meta.dirname, 'walk.py')],
      { env: { ...process.env, WALKS: walks }, timeout: TIMEOUT_MS, maxBuffer: 1 << 24 },
      (_error, stdout, stderr) => resolve(stdout + stderr),
    );
  });
}

function parseWalks(output: string, count: number): readonly QemuWalk[] {
  const walks = new Map<number, QemuWalk>();
  for (const line of output.split('\n')) {
    if (!line.startsWith('QEMU-WALK {')) continue;
    const walk = JSON.parse(line.slice('QEMU-WALK '.length)) as QemuWalk & { stop: number };
    walks.set(walk.stop, walk);
  }
  return Array.from({ length: count }, (_, stop) => {
    const walk = walks.get(stop);
    if (walk === undefined) throw new Error(`stop ${stop} was not reached; gdb said:\n${output}`);
    return walk;
  });
}

/** A TCP port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
