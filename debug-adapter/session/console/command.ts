/** A command of the debug console. */
export interface Command {
  /** Spellings, the full one first. */
  readonly names: readonly string[];
  readonly usage: string;
  readonly help: string;
}
