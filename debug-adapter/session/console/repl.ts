/** The commands of the debug console, beside which all that is typed is an expression. */
import type { SessionState } from '../state';
import { expressionHelp } from './c-commands';
import type { Command, CommandFamily, FrameOf } from './command';

const help: Command = { names: ['help'], usage: 'help', help: 'this list' };
const toGuest: Command = { names: ['>'], usage: '> TEXT', help: "a line for the guest's console" };

export class Repl {
  private readonly state: SessionState;
  private readonly families: readonly CommandFamily[];

  constructor(state: SessionState, families: readonly CommandFamily[]) {
    this.state = state;
    this.families = families;
  }

  /** In the order of `help`. */
  get commands(): readonly Command[] {
    return [help, ...this.families.flatMap(({ commands }) => commands), toGuest];
  }

  /** What a command prints; `undefined` if the text is no command but an expression. */
  async run(text: string, frame: FrameOf): Promise<string | undefined> {
    if (text.startsWith('>')) {
      this.state.loaded.console.send(`${text.slice(1).replace(/^ /, '')}\n`);
      return '';
    }
    const line = withSingleSpaces(text);
    if (line === 'help') return this.help();
    for (const family of this.families) {
      const output = await family.run(line, frame);
      if (output !== undefined) return output;
    }
    return undefined;
  }

  private help(): string {
    const { commands } = this;
    const width = Math.max(...commands.map(({ usage }) => usage.length));
    const rows = commands.map(
      ({ names, usage, help: does }) => `  ${usage.padEnd(width)}  ${does}${otherNames(names)}`,
    );
    return [...expressionHelp(), 'Commands:', ...rows].join('\n');
  }
}

function otherNames([, ...others]: readonly string[]): string {
  return others.length === 0 ? '' : ` (also ${others.join(', ')})`;
}

/** What is in quotes stays as it is. */
function withSingleSpaces(text: string): string {
  return text
    .trim()
    .replace(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\s+/g, (_, quoted?: string) => quoted ?? ' ');
}
