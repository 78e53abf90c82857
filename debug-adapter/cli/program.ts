/** The commands, and how words become one of them. */
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
import type { Style } from './style';

/**
 * Runs the program with its arguments; resolves to the exit status. Mistakes of the user are one sentence on `io.error` and
 * status 2; whatever rejects is a defect.
 */
export async function runProgram(args: readonly string[], io: Io, style: Style): Promise<number> {
  const commands = [demoCommand(io, style), runCommand(io), stackCommand(io, style), dapCommand(io)];
  const [name, ...rest] = args;
  const command = commands.find((candidate) => candidate.name === name);
  try {
    return command ? await runWith(io, command, rest) : withoutCommand(io, commands, args);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof UserError)) throw error;
    const whose = command ? `${command.name} ` : '';
    const help = error instanceof UsageError ? `\nSee riscv-unwind ${whose}--help.` : '';
    io.error(`riscv-unwind: ${error.message}${help}`);
    return ExitStatus.usage;
  }
}

async function runWith(io: Io, command: Command, args: readonly string[]): Promise<number> {
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
function withoutCommand(io: Io, commands: readonly Command[], args: readonly string[]): number {
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
