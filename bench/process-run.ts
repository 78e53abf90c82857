import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';

/** What a whole process took, from its start to its end. */
export interface ProcessRun {
  readonly seconds: number;
  /** User and system time of all its threads. */
  readonly cpuSeconds: number;
  /** The most memory it had, in MB; NaN where the system does not tell. */
  readonly residentMegabytes: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MEMORY_LOOK_MS = 50;
/** What takes longer hangs. */
const LIMIT_MS = 600_000;

/** Tells the program's pid on descriptor 3 and, once it has ended, what `times` says. */
const MEASURED = `sh -c 'echo $$ >&3; exec "$@" 3>&-' sh "$@"; status=$?; times >&3; exit $status`;

/**
 * What is measured is a program, not how its host is set up: certificates that Node is told to add are read at every start of it, which takes as
 * long as everything else in a start.
 */
const environment = { ...process.env };
delete environment['NODE_EXTRA_CA_CERTS'];

/** Runs a program without input. Rejects unless its exit status is 0. */
export async function runProcess(command: string, args: readonly string[]): Promise<ProcessRun> {
  const start = performance.now();
  const shell = spawn('/bin/sh', ['-c', MEASURED, 'sh', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: environment,
  });
  const [stdout, stderr, report] = shell.stdio.slice(1) as [Readable, Readable, Readable];
  const watch = new MemoryWatch(report);
  const ended = status(shell);
  const texts = Promise.all([stdout, stderr, report].map((stream) => text(stream)));
  const code = await ended;
  const seconds = (performance.now() - start) / 1000;
  watch.end();
  const [out = '', errors = '', times = ''] = await texts;
  if (code !== 0) {
    throw new Error(`${command} ended with status ${code}: ${errors.slice(-2000)}${out.slice(-2000)}`);
  }
  return {
    seconds,
    cpuSeconds: childSeconds(times),
    residentMegabytes: watch.megabytes,
    stdout: out,
    stderr: errors,
  };
}

function status(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
}

/** The second line of `times` is about the shell's children: `1m2.34s 0m0.56s`. */
function childSeconds(report: string): number {
  const times = [...report.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  return times.length === 4 ? times[2]! + times[3]! : NaN;
}

/** Looks now and then at the high water mark of a process's memory (proc(5)), and ends it when it hangs. */
class MemoryWatch {
  megabytes = NaN;
  readonly #timer: NodeJS.Timeout;
  readonly #limit: NodeJS.Timeout;
  #pid: number | undefined;

  constructor(report: Readable) {
    report.once('data', (line: Buffer) => (this.#pid = Number(line.toString())));
    this.#timer = setInterval(() => this.#look(), MEMORY_LOOK_MS);
    this.#limit = setTimeout(() => {
      if (this.#pid !== undefined) process.kill(this.#pid);
    }, LIMIT_MS);
  }

  end(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#limit);
  }

  #look(): void {
    try {
      const mark = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8'))?.[1];
      if (mark !== undefined) this.megabytes = Number(mark) / 1024;
    } catch {
      // Not Linux, not started yet, or ended since.
    }
  }
}
