// Types, style and import rules at once, one npm script each; shows the output of each as it ends. Fails if one fails.
import { spawn } from 'node:child_process';

const windows = process.platform === 'win32';

/** Resolves to the exit status. */
const run = (script) =>
  new Promise((resolve) => {
    const child = spawn(windows ? 'npm.cmd' : 'npm', ['run', '--silent', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: windows,
    });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => output.push(Buffer.from(`${error.message}\n`)));
    child.on('close', (status) => {
      process.stderr.write(Buffer.concat(output));
      resolve(status ?? 1);
    });
  });

const statuses = await Promise.all(['typecheck', 'lint', 'imports'].map(run));
process.exitCode = statuses.every((status) => status === 0) ? 0 : 1;
