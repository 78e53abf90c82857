/** Commands of the debug console that show what a hart has: registers, address space, memory. */
import type { SessionState } from '../state';
import type { Command, CommandFamily, FrameOf } from './command';
import { memoryCommands } from './memory-commands';
import { pageCommands } from './page-commands';
import { registerCommands } from './register-commands';

export interface HartCommand extends Command {
  /**
   * `undefined` if it is no such command after all.
   * @param args what is typed behind the name, without spaces around it
   * @param frame gives the selected frame; throws while the machine runs
   */
  readonly run: (args: string, frame: FrameOf, state: SessionState) => string | undefined;
}

const hartCommands: readonly HartCommand[] = [...registerCommands, ...memoryCommands, ...pageCommands];

export function hartFamily(state: SessionState): CommandFamily {
  return {
    commands: hartCommands,
    run(line, frame) {
      for (const { names, run } of hartCommands) {
        // A format follows the name directly: `x/8gx`.
        const name = names.find(
          (spelling) => line.startsWith(spelling) && /^(?:[ /]|$)/.test(line.slice(spelling.length)),
        );
        if (name !== undefined) return run(line.slice(name.length).trim(), frame, state);
      }
      return undefined;
    },
  };
}
