/** Watchpoints of gdb on QEMU: the oracle for data breakpoints. */
import { execFile, spawn } from 'node:child_process';
import { freePort, type QemuMachine } from './qemu-walk';

/** What is watched, from where on, and for how many stops. */
export interface WatchCase {
  readonly command: 'watch' | 'rwatch' | 'awatch';
  /** A C variable of the kernel. */
  readonly variable: string;
  readonly hits: number;
}

/** A stop: `0xffffffff80001234 changed to 1`, the pc and the variable's value then, and `is` for one whose value is as before. */
export type SeenAccess = string;

const TIMEOUT_MS = 80_000;

/** The stops of each case, each from one place of one boot on. Rejects with gdb's words if it did not get so far. */
export async function gdbAccesses(
  { elf, options }: QemuMachine,
  place: string,
  cases: readonly WatchCase[],
): Promise<readonly (readonly SeenAccess[])[]> {
  const seen = [];
  for (const one of cases) seen.push(await accessesOf(elf, options, place, one));
  return seen;
}

async function accessesOf(
  elf: string,
  options: readonly string[],
  place: string,
  { command, variable, hits }: WatchCase,
): Promise<readonly SeenAccess[]> {
  const port = await freePort();
  const machine = ['-M', 'virt', '-display', 'none', '-serial', 'null', '-monitor', 'none', '-S'];
  const time = ['-icount', 'shift=3'];
  const qemu = spawn('qemu-system-riscv64', [
    ...machine,
    ...time,
    '-gdb',
    `tcp:127.0.0.1:${port}`,
    ...options,
  ]);
  const end = () => qemu.kill('SIGKILL');
  process.once('exit', end);
  try {
    const value = `printf "==access %#lx %#lx\\n", $pc, (unsigned long)${variable}`;
    const script = [
      'set pagination off',
      `target remote 127.0.0.1:${port}`,
      `thbreak *&${place}`,
      'continue',
      `${command} ${variable}`,
      ...Array.from({ length: hits }, () => ['continue', value]).flat(),
    ];
    const output = await gdb([...script.flatMap((line) => ['-ex', line]), elf]);
    const accesses = parse(output);
    if (accesses.length !== hits)
      throw new Error(`gdb stopped ${accesses.length} times and said:\n${output}`);
    return accesses;
  } finally {
    process.off('exit', end);
    end();
  }
}

function gdb(commands: readonly string[]): Promise<string> {
  const call = ['-c', 'exec gdb-multiarch "$@" 2>&1', 'sh', '-nx', '-batch', ...commands];
  return new Promise((resolve) => {
    execFile('sh', call, { timeout: TIMEOUT_MS, maxBuffer: 1 << 24 }, (_error, stdout) => resolve(stdout));
  });
}

/** gdb says of a change `Old value = 0`, a number in decimal or the name of a constant, and nothing of the kind of other accesses. */
function parse(output: string): readonly SeenAccess[] {
  const stops = output.split(/^(?:Hardware|Software) .*watchpoint \d+: .*\n\n/m).slice(1);
  return stops.flatMap((text) => {
    const [, pc, value] = /^==access (0x[\da-f]+) (0x[\da-f]+|0)$/m.exec(text) ?? [];
    if (pc === undefined || value === undefined) return [];
    const isChange = /^Old value = /m.test(text);
    return [`${pc} ${isChange ? 'changed to' : 'is'} ${Number(value)}`];
  });
}
