/** `--help` of the program and of each command. */
import type { Command } from './command';
import { helpOption, type OptionSpec } from './options';

const program = 'riscv-unwind';
const width = 88;

export function programHelp(commands: readonly Command[], version: string): string {
  return [
    `${program} ${version}: debug RISC-V kernels through their exception boundaries.`,
    '',
    'Usage:',
    ...commands.map(({ usage }) => `  ${program} ${usage}`),
    '',
    'Commands:',
    ...table(commands.map(({ name, summary }) => [name, summary])),
    '',
    'Options:',
    ...table([
      ['-h, --help', `help for the program, or for a command: ${program} run --help`],
      ['    --version', 'show the version'],
    ]),
    '',
    'Exit status: 0 on success, 1 if a breakpoint was never hit, 2 for bad usage or files,',
    '3 when --max-instructions is reached; `run` gives the exit status of the guest.',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  const { usage, summary, details, examples, options } = command;
  return [
    `${program} ${command.name}: ${summary}.`,
    '',
    `Usage: ${program} ${usage}`,
    ...details.flatMap((paragraph) => ['', ...wrap(paragraph, width)]),
    '',
    'Options:',
    ...table([...options, helpOption].map((option) => [optionText(option), option.help])),
    ...(examples.length > 0
      ? ['', 'Examples:', ...examples.map((example) => `  ${program} ${example}`)]
      : []),
  ].join('\n');
}

function optionText({ name, value }: OptionSpec): string {
  const short = name === helpOption.name ? '-h, ' : '    ';
  return `${short}--${name}${value === undefined ? '' : ` ${value}`}`;
}

/** Two columns; the second is wrapped, and begins on a line of its own where the first is too long. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const indent = Math.min(26, Math.max(...rows.map(([left]) => left.length)) + 4);
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, width - indent);
    const first = `  ${left}`;
    const fits = first.length <= indent - 2;
    const head = fits ? `${first.padEnd(indent)}${lines[0] ?? ''}` : first;
    const rest = fits ? lines.slice(1) : lines;
    return [head, ...rest.map((line) => ' '.repeat(indent) + line)];
  });
}

/** Lines of at most so many columns; words that are longer stay whole. */
export function wrap(text: string, columns: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
