/** Commands of the debug console. */
import type { SelectedFrame } from '../call-stacks';

export interface Command {
  /** Spellings, the full one first. */
  readonly names: readonly string[];
  readonly usage: string;
  readonly help: string;
}

/** Gives the frame that a command is about; throws while the machine runs. */
export type FrameOf = () => SelectedFrame;

/** Commands that belong together. */
export interface CommandFamily {
  /** For `help` and completions. */
  readonly commands: readonly Command[];
  /**
   * What a command prints; `undefined` if the line is none of these, as an expression is.
   * @param line without spaces around it, and with single ones between words
   */
  run(line: string, frame: FrameOf): Promise<string | undefined> | string | undefined;
}
