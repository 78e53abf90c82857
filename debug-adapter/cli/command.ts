/** What a command of the command line is made of. */
import type { OptionSpec, OptionValues } from './options';

/** The world of a command, so that tests can be another. */
export interface Io {
  /** Line by line; a newline is added. */
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

export interface Command {
  readonly name: string;
  /** After the program's name: `run KERNEL [options]`. */
  readonly usage: string;
  readonly summary: string;
  /** Paragraphs below the summary in its own help. */
  readonly details: readonly string[];
  readonly examples: readonly string[];
  readonly options: readonly OptionSpec[];
  /** Operands it needs, by name. */
  readonly operands: readonly string[];
  /** Resolves to the exit status. May throw `UsageError`, `UserError`. */
  run(operands: readonly string[], values: OptionValues): Promise<number>;
}
