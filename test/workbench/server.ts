/** The workbench's server: the packaged extension installed into fresh folders, listening on a free port. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workbench } from './setup.mjs';

export const root = join(import.meta.dirname, '../..');
/** Screenshots, logs and workspaces of the last run. */
export const out = join(import.meta.dirname, '.cache/out');

const settings = {
  'chat.disableAIFeatures': true,
  'debug.openDebug': 'openOnSessionStart',
  'debug.toolBarLocation': 'docked',
  'editor.minimap.enabled': false,
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  // The DOM renderer's text can be read.
  'terminal.integrated.gpuAcceleration': 'off',
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.layoutControl.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

export interface Server {
  readonly url: string;
  /** Path of its log. */
  readonly log: string;
  stop(): Promise<void>;
}

/** Packages the extension as `npm run package` does, from the bundles in `dist/`. @returns the path of the .vsix */
export function packageExtension(): string {
  const file = join(out, 'riscv-unwind.vsix');
  run('npm', ['run', '--silent', 'vsix', '--', '--out', file]);
  return file;
}

/** Packages an extension of these tests. */
export function packageNeighbour(name: string): string {
  const file = join(out, `${name}.vsix`);
  const flags = ['--skip-license', '--allow-missing-repository'];
  const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
  run(process.execPath, [vsce, 'package', ...flags, '--out', file], join(import.meta.dirname, name));
  return file;
}

/** @param extensions paths of .vsix files, all that is installed */
export async function startServer(name: string, extensions: readonly string[]): Promise<Server> {
  const home = join(out, name);
  const userData = join(home, 'user');
  rmSync(home, { recursive: true, force: true });
  mkdirSync(join(userData, 'User'), { recursive: true });
  writeFileSync(join(userData, 'User/settings.json'), JSON.stringify(settings));
  writeFileSync(join(home, 'config.yaml'), '');
  const folders = ['--config', join(home, 'config.yaml'), '--user-data-dir', userData];
  folders.push('--extensions-dir', join(home, 'extensions'));
  const install = extensions.flatMap((vsix) => ['--install-extension', vsix]);
  run(workbench.node, [workbench.codeServer, ...folders, ...install]);

  const port = await freePort();
  const disabled = ['telemetry', 'update-check', 'workspace-trust', 'getting-started-override'];
  const child = spawn(
    workbench.node,
    [
      ...[workbench.codeServer, ...folders],
      ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
      ...disabled.map((what) => `--disable-${what}`),
    ],
    { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log = createWriteStream(join(home, 'log'));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const url = `http://127.0.0.1:${port}`;
  await listening(url, child, log.path.toString());
  return { url, log: log.path.toString(), stop: () => stop(child) };
}

/** No Node on the PATH: the adapter must run with the one that VS Code brings. No extension gallery: tests use no network. */
function environment(): NodeJS.ProcessEnv {
  const { HOME, LANG } = process.env;
  return { HOME, LANG, PATH: '/nonexistent', EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
}

function run(command: string, args: readonly string[], cwd = root): void {
  const result = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}' },
  });
  if (result.status !== 0) {
    throw new Error(`${[command, ...args].join(' ')} failed:\n${result.stdout}${result.stderr}`);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function listening(url: string, child: ChildProcess, log: string): Promise<void> {
  for (let attempt = 0; attempt < 300 && child.exitCode === null; attempt++) {
    const answered = await fetch(`${url}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await sleep(100);
  }
  throw new Error(`The workbench's server does not answer; see ${log}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
}
