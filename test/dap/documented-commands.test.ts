/** What the pages call a command of the debug console is one: `help` lists it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DapClient } from './dap-client.test-support';
import { sampleKernel } from './fake-target.test-support';

const docs = join(import.meta.dirname, '../../docs');
const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));

/** `info csr scause` → `info csr`, `x/8gx sp` → `x`. */
function nameOf(command: string): string {
  return /^(?:(?:info|set) [\w-]+|\w+|>)/.exec(command)?.[0] ?? command;
}

/**
 * Names of commands in a page: what is typed behind `> ` in blocks, rows of tables of commands, blocks in sections on the debug console, and
 * in the text what begins with `info` or `set` or has an argument in capitals (`walk ADDRESS`).
 */
function documented(page: string): Set<string> {
  const typed = [...page.matchAll(/^```(?:console)?\n([^]*?)^```$/gm)]
    .flatMap(([, block]) => block!.split('\n'))
    .filter((line) => line.startsWith('> '))
    .map((line) => line.slice(2));
  const tables = [...page.matchAll(/^\| command \|[^]*?(?=^[^|]|(?![^]))/gm)]
    .flatMap(([table]) => table.split('\n').slice(2))
    .map((row) => row.split('|')[1] ?? '')
    .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!));
  const blocks = page
    .split(/^(?=#)/m)
    .filter((section) => /^#+ .*debug console/i.test(section))
    .flatMap((section) => [...section.matchAll(/^ {4}(\w.*)$/gm)].map(([, line]) => line!));
  const spans = [...page.matchAll(/`((?:info|set) [a-z-]+[^`]*|[a-z]+(?:\/\w+)? [A-Z]{2,}[^`]*)`/g)];
  return new Set([...typed, ...tables, ...blocks, ...spans.map(([, code]) => code!)].map(nameOf));
}

describe('commands of the debug console in the documentation', () => {
  let help = '';

  before(async () => {
    const client = DapClient.inProcess();
    try {
      await client.launch({ program: sampleKernel, stopOnEntry: true });
      await client.stopped();
      help = (await client.send('evaluate', { expression: 'help', context: 'repl' })).result;
    } finally {
      await client.send('disconnect');
      client.close();
    }
  });

  /** What is listed, or mentioned behind another one: `delete catch`, `set step-follows`. */
  const isListed = (name: string) =>
    help.split('\n').some((line) => line.startsWith(`  ${name} `) || line.startsWith(`  ${name}/`)) ||
    new RegExp(`\\(also .*\\b${name}\\b.*\\)$`, 'm').test(help) ||
    (name.startsWith('set ') && help.includes(name));

  for (const name of pages) {
    const commands = [...documented(readFileSync(join(docs, name), 'utf8'))];
    if (commands.length === 0) continue;
    it(`are listed by help: ${name} (${commands.length})`, () =>
      assert.deepEqual(
        commands.filter((command) => !isListed(command)),
        [],
      ));
  }
});
