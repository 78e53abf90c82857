/** The command line: `riscv-unwind COMMAND`. */
import { version } from '../../package.json';
import { UserError } from '../debugger/api';
import { didYouMean } from '../debugger/nearest';
import type { Command, Io } from './command';
import { dapCommand } from './dap';
import { demoCommand } from './demo';
import { ExitStatus } from './exit-status';
import { commandHelp, programHelp } from './help';
import { helpOption, UsageError } from './options';
import { parse } from './parse';
import { runCommand } from './run';
import { stackCommand } from './stack';
import { styleFor } from './style';

const io: Io = {
  out: (text) => process.stdout.write(`${text}\n`),
  error: (text) => process.stderr.write(`${text}\n`),
};
const style = styleFor(process.stdout, process.env);
const commands: readonly Command[] = [
  demoCommand(io, style),
  runCommand(io),
  stackCommand(io, style),
  dapCommand(io),
];

/** Runs the program; resolves to its exit status. */
async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const command = commands.find((candidate) => candidate.name === name);
  try {
    return command ? await runWith(command, rest) : programOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof UserError)) throw error;
    const help =
      error instanceof UsageError ? `\nSee riscv-unwind ${command ? `${command.name} ` : ''}--help.` : '';
    io.error(`riscv-unwind: ${error.message}${help}`);
    return ExitStatus.usage;
  }
}

async function runWith(command: Command, args: readonly string[]): Promise<number> {
  const { values, operands } = parse(args, [...command.options, helpOption]);
  if (values['help'] === true) {
    io.out(commandHelp(command));
    return ExitStatus.success;
  }
  const missing = command.operands[operands.length];
  if (missing !== undefined) {
    throw new UsageError(`${command.name} needs a ${missing}: riscv-unwind ${command.usage}.`);
  }
  const extra = operands[command.operands.length];
  if (extra !== undefined) throw new UsageError(`${command.name} does not know what to do with '${extra}'.`);
  return command.run(operands, values);
}

/** Without a command: `--help`, `--version`, or a mistake. */
function programOptions(args: readonly string[]): number {
  const { values, operands } = parse(args, [helpOption, { name: 'version', help: 'show the version' }]);
  const [word] = operands;
  if (word !== undefined) {
    const names = commands.map(({ name }) => name);
    throw new UsageError(`There is no command '${word}'.${didYouMean(word, names)}`);
  }
  if (values['version'] === true) {
    io.out(version);
    return ExitStatus.success;
  }
  const help = programHelp(commands, version);
  if (values['help'] === true) {
    io.out(help);
    return ExitStatus.success;
  }
  io.error(help);
  return ExitStatus.usage;
}

// A reader that went away (`riscv-unwind … | head`) is not an error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(ExitStatus.success);
});

// The status is set and the process left to end by itself, so that everything written reaches a slow pipe.
main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    io.error(
      `riscv-unwind failed, which is a defect of it: ${error instanceof Error ? error.stack : String(error)}`,
    );
    process.exitCode = 70;
  },
);
