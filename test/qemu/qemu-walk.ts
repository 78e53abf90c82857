/** Runs a sample kernel on QEMU and has gdb walk its frame records by hand (walk.py): the oracle for our unwinder. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { elfPath, type Situation } from './situations';

const QEMU = 'qemu-system-riscv64';
const GDB = 'gdb-multiarch';
const TIMEOUT_MS = 60_000;

export interface QemuWalk {
  /** Names by gdb, innermost first. */
  readonly functions: readonly string[];
  /** `C` live pc or caller, `P` from pt_regs, `T` blocked task. */
  readonly marks: readonly string[];
  readonly stacks: readonly (string | null)[];
  readonly ptRegs: number;
  /** `FINAL`, or what went wrong in words. */
  readonly end: string;
}

/** Why there is no oracle on this machine, or `undefined`. */
export function missingTools(): string | undefined {
  const missing = [QEMU, GDB].filter((tool) => spawnSync(tool, ['--version']).status !== 0);
  return missing.length > 0 ? `${missing.join(' and ')} not installed` : undefined;
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

/** The walks at situations of one group, in the order given. Rejects with gdb's words if one was not reached. */
export async function qemuWalks(group: readonly Situation[]): Promise<readonly QemuWalk[]> {
  const first = group[0];
  if (first === undefined) return [];
  const elf = elfPath(first);
  const port = await freePort();
  const qemu = spawn(QEMU, [
    ...['-M', 'virt', '-display', 'none', '-serial', 'null', '-monitor', 'none', '-S'],
    ...['-gdb', `tcp:127.0.0.1:${port}`, '-smp', `${first.smp}`, '-append', first.append, '-kernel', elf],
    ...(first.firmware === 'none' ? ['-bios', 'none'] : []),
  ]);
  try {
    const stops = group.map(({ break: spec, hit, task }) => ({ break: spec, hit, task }));
    const output = await gdb(JSON.stringify({ port, elf, stops }));
    return parseWalks(output, group.length);
  } finally {
    qemu.kill('SIGKILL');
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

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
