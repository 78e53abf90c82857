/** `run`: boots a kernel with its console on stdin and stdout. */
import { boot } from '../debugger/boot';
import type { Target, TargetExit, TargetStop } from '../target/target';
import type { Command, Io } from './command';
import { ExitStatus } from './exit-status';
import { openConsole } from './guest-console';
import { createNodeFiles } from './node-files';
import { launchOptions, machineOptions, type OptionValues } from './options';

export function runCommand(io: Io): Command {
  return {
    name: 'run',
    usage: 'run KERNEL [options]',
    summary: 'boot a kernel, with its console on stdin and stdout',
    details: [
      'The exit status is the guest’s: 0 after a power-off, else what the test device or HTIF’s tohost was given (riscv-tests: the number of the failed test). In a terminal Ctrl-A x ends the machine, Ctrl-A h shows more.',
    ],
    examples: [
      'run sample-kernel/prebuilt/sample-metadata.elf',
      'run vmlinux --initrd init.cpio --append "console=ttyS0" --smp 2 --memory 256M',
      'run sample-kernel/prebuilt/sample-m-mode.elf --firmware none --stats',
    ],
    options: [
      ...machineOptions,
      {
        name: 'stats',
        help: 'at the end, one JSON line on stderr: instructions, seconds, mips, exit (the exit status)',
      },
    ],
    operands: ['KERNEL'],
    run: ([kernel], values) => run(io, kernel!, values),
  };
}

async function run(io: Io, kernel: string, values: OptionValues): Promise<number> {
  // At a terminal a guest may idle for hours; in a pipe it should be through as soon as it can.
  const pace = process.stdin.isTTY;
  const { target, warnings } = await boot(launchOptions(kernel, values), createNodeFiles(), { pace });
  for (const warning of warnings) io.error(`warning: ${warning}`);
  const start = performance.now();
  const status = await attend(io, target);
  if (values['stats'] === true) io.error(statsJson(target, performance.now() - start, status));
  return status;
}

/** Runs the machine with its console attached until it ends or nothing can come of it any more. */
async function attend(io: Io, target: Target): Promise<number> {
  let waiting = false;
  target.onConsoleOutput = (bytes) => process.stdout.write(bytes);
  const console = openConsole(process.stdin, {
    input: (bytes) => {
      waiting = false;
      target.sendConsoleInput(bytes);
    },
    message: (text) => process.stderr.write(text),
    quit: () => target.pause(),
    end: () => {
      if (waiting) target.pause();
    },
  });
  target.onWaiting = () => {
    waiting = true;
    if (console.ended) target.pause();
  };
  try {
    const stop = await target.run({ kind: 'continue' });
    if (stop.kind === 'pause' && console.ended) {
      io.error('The guest waits for console input, and stdin has ended.');
      return ExitStatus.limit;
    }
    return statusOf(io, stop, target.instructions);
  } finally {
    console.close();
  }
}

function statusOf(io: Io, stop: TargetStop, instructions: number): number {
  switch (stop.kind) {
    case 'exit':
      if (stop.exit.kind === 'reset') io.error('The guest asked for a reset, which ends the run.');
      return exitStatus(stop.exit);
    case 'limit':
      io.error(`Stopped after ${instructions} instructions (--max-instructions).`);
      return ExitStatus.limit;
    // Ctrl-A x: the machine was ended by its user.
    case 'pause':
    case 'breakpoint':
    case 'step':
    case 'trap':
    case 'watch':
    case 'stray':
      return ExitStatus.success;
  }
}

/** A process has 8 bits for its exit status; a failure must not look like success for lack of them. */
function exitStatus({ code }: TargetExit): number {
  const low = code & 0xff;
  return code !== 0 && low === 0 ? ExitStatus.failure : low;
}

function statsJson(target: Target, milliseconds: number, exit: number): string {
  const { instructions } = target;
  const seconds = Number((milliseconds / 1000).toFixed(3));
  const mips = Number((instructions / 1000 / Math.max(milliseconds, 0.001)).toFixed(1));
  return JSON.stringify({ instructions, seconds, mips, exit });
}
