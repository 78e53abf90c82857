/** The command line's `dap --port`, on a port of the system's choice. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { BuiltCli } from '../built-cli.test-support';

export class Listening {
  readonly port: number;
  private readonly cli: BuiltCli;
  private readonly child: ChildProcess;

  private constructor(port: number, cli: BuiltCli, child: ChildProcess) {
    this.port = port;
    this.cli = cli;
    this.child = child;
  }

  static async start(): Promise<Listening> {
    const cli = await BuiltCli.build();
    const child = cli.start(['dap', '--port', '0']);
    const text = await new Promise<string>((resolve) => {
      child.stderr.setEncoding('utf8').once('data', resolve);
    });
    const port = /127\.0\.0\.1:(\d+)/.exec(text)?.[1];
    assert.ok(port, text);
    return new Listening(Number(port), cli, child);
  }

  async stop(): Promise<void> {
    this.child.kill();
    await this.cli.remove();
  }
}
