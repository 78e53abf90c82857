/** A shell in the guest, at the other end of `run`'s stdin and stdout. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';

interface CommandResult {
  readonly status: number;
  /** What it printed, with newlines alone at the ends of lines. */
  readonly output: string;
}

export class GuestShell {
  readonly #process: ChildProcessWithoutNullStreams;
  #console = '';
  #errors = '';
  #changed: () => void = () => undefined;
  readonly #ended: Promise<number | null>;
  #running = true;

  constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#console += text;
      this.#changed();
    });
    process.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.#ended = new Promise((resolve) =>
      process.on('close', (status) => {
        this.#running = false;
        this.#changed();
        resolve(status);
      }),
    );
  }

  /** All that the guest has written so far. */
  get console(): string {
    return this.#console;
  }

  /** What `run` itself says, on stderr. */
  get errors(): string {
    return this.#errors;
  }

  /** Resolves when the console's text from `start` on matches. Rejects if the machine ends before, with the last of its text. */
  async until(pattern: RegExp, start = 0): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#console.slice(start));
      if (match) return match;
      if (!this.#running)
        throw new Error(`${this.#console.slice(-4000)}\n${this.#errors}\nends without ${pattern}`);
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  send(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Types a command at the prompt. The echo of what is typed differs from what the markers around the output look like. */
  async command(line: string): Promise<CommandResult> {
    const start = this.#console.length;
    this.send(`echo "<<"BEGIN; ${line}; echo "<<END $?"`);
    const [, output = '', status] = await this.until(/<<BEGIN\r?\n([^]*?)<<END (\d+)\r?\n/, start);
    return { status: Number(status), output: output.replaceAll('\r\n', '\n') };
  }

  /** The exit status of `run`, once the machine has ended. */
  end(): Promise<number | null> {
    return this.#ended;
  }

  kill(): void {
    this.#process.kill();
  }
}
