/** The command line: `riscv-unwind COMMAND`. */
import { ExitStatus } from './exit-status';
import { runProgram } from './program';
import { styleFor } from './style';

/** EX_SOFTWARE of sysexits.h: a defect of ours, and no status that means anything else. */
const internalError = 70;

const io = {
  out: (text: string) => process.stdout.write(`${text}\n`),
  error: (text: string) => process.stderr.write(`${text}\n`),
};

// A reader that went away (`riscv-unwind … | head`) is not an error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(ExitStatus.success);
});

// The status is set and the process left to end by itself, so that everything written reaches a slow pipe.
runProgram(process.argv.slice(2), io, styleFor(process.stdout, process.env)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.error(`riscv-unwind failed, which is a defect of it; please report it: ${what}`);
    process.exitCode = internalError;
  },
);
