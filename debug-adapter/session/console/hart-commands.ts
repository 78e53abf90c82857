/** Commands of the debug console that show what a hart has: registers, address space, memory. */
import type { SelectedFrame, SessionState } from '../state';
import type { Command } from './command';
import { memoryCommands } from './memory-commands';
import { pageCommands } from './page-commands';
import { registerCommands } from './register-commands';

export interface HartCommand extends Command {
  /**
   * `undefined` if it is no such command after all.
   * @param args what is typed behind the name, without spaces around it
   * @param frame gives the selected frame; throws while the machine runs
   */
  readonly run: (args: string, frame: () => SelectedFrame, state: SessionState) => string | undefined;
}

export const hartCommands: readonly HartCommand[] = [...registerCommands, ...memoryCommands, ...pageCommands];

/** What a command prints; `undefined` if the line is none of them. A format follows the name directly: `p/x`. */
export function runHartCommand(
  line: string,
  frame: () => SelectedFrame,
  state: SessionState,
): string | undefined {
  for (const { names, run } of hartCommands) {
    const name = names.find(
      (spelling) => line.startsWith(spelling) && /^(?:[ /]|$)/.test(line.slice(spelling.length)),
    );
    if (name !== undefined) return run(line.slice(name.length).trim(), frame, state);
  }
  return undefined;
}
