/** The command line as users have it: bundled, in a process of its own. */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

export const root = join(__dirname, '..');

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const newFolder = () => mkdtemp(join(tmpdir(), 'riscv-unwind-cli-'));

export class BuiltCli {
  readonly folder: string;
  /** Path of what Node is to run. */
  readonly script: string;

  private constructor(folder: string, script = join(folder, 'cli.js')) {
    this.folder = folder;
    this.script = script;
  }

  /** Does what `npm run build` does: into `dist/`, and with the launcher that starts fastest. */
  static async buildInPlace(): Promise<BuiltCli> {
    const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
    if (status !== 0) throw new Error('scripts/build.mjs failed.');
    return new BuiltCli(await newFolder(), join(root, 'dist/cli.js'));
  }

  /** Builds into a folder of the checkout's own shape, so that the sample kernel is found beside it. */
  static async build(): Promise<BuiltCli> {
    const cli = new BuiltCli(await newFolder());
    await build({
      entryPoints: [join(root, 'debug-adapter/cli/main.ts')],
      outfile: cli.script,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      logLevel: 'warning',
      // In the checkout the bundle lies in dist/.
      define: { __dirname: JSON.stringify(join(root, 'dist')) },
    });
    return cli;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }

  /** Writes a file that a test needs; the result is its path. */
  async file(name: string, contents: Uint8Array): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, contents);
    return path;
  }

  start(args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [this.script, ...args], { cwd: root });
  }

  run(args: readonly string[], input = ''): Promise<Finished> {
    const child = this.start(args);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.end(input);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, stdout, stderr }));
    });
  }
}
