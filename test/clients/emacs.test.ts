/** The adapter as Emacs' dap-mode uses it: a client that nobody here has written. Skipped where Emacs or dap-mode is missing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAdapter, type BuiltAdapter } from '../dap/built-adapter.test-support';
import { root } from '../built-cli.test-support';
import { lineOf } from '../workbench/sample';
import { Listening } from './listening.test-support';

const program = join(root, 'sample-kernel/prebuilt/sample-metadata.elf');
const source = join(root, 'sample-kernel/entry.S');
/** Where handle_exception calls the handler in C. */
const line = lineOf('entry.S', 'jalr\tt1', '.Lcall_handler:');

interface Place {
  readonly name: string;
  readonly file: string | null;
  readonly line: number;
}

/** What `dap-mode.el` reports. */
interface Report {
  readonly shown: Omit<Place, 'name'>;
  readonly stack: readonly Place[];
  readonly threads: readonly string[];
  readonly registers: readonly string[];
  readonly value: string;
  readonly step: Place;
  readonly stops: number;
  readonly output: string;
}

function missing(): string | undefined {
  const { status, error } = spawnSync('emacs', ['--batch', '--eval', "(require 'dap-mode)"]);
  if (error) return 'emacs is not installed';
  return status === 0 ? undefined : 'dap-mode is not installed';
}

describe("Emacs' dap-mode", () => {
  let adapter: BuiltAdapter | undefined;
  /** Emacs keeps what it remembers in its user's home. */
  let home = '';

  before(async function () {
    this.timeout(60_000);
    const reason = missing();
    if (reason !== undefined) {
      for (const test of this.test!.parent!.tests) test.title += ` (skipped: ${reason})`;
      this.skip();
    }
    adapter = await buildAdapter();
    home = mkdtempSync(join(tmpdir(), 'riscv-unwind-emacs-'));
  });
  after(async () => {
    await adapter?.remove();
    if (home !== '') rmSync(home, { recursive: true });
  });

  function debug(how: Readonly<Record<string, string>>): Report {
    const { stdout, stderr, status } = spawnSync(
      'emacs',
      ['--batch', '--load', join(import.meta.dirname, 'dap-mode.el')],
      {
        encoding: 'utf8',
        env: { ...process.env, HOME: home, PROGRAM: program, SOURCE: source, LINE: `${line}`, ...how },
      },
    );
    assert.equal(status, 0, stderr);
    const parts = stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { what: string; value: unknown });
    return Object.fromEntries(parts.map(({ what, value }) => [what, value])) as unknown as Report;
  }

  function check({ shown, stack, threads, registers, value, step, stops, output }: Report): void {
    assert.deepEqual(shown, { file: 'entry.S', line });
    assert.match(stack[0]!.name, /^handle_exception\+0x/);
    assert.match(stack[1]!.name, /^── exception: breakpoint, from kernel, pt_regs at 0x/);
    assert.deepEqual(
      [stack[2]!.name.replace(/\+.*/, ''), stack[2]!.file],
      ['tour_nested_exception', 'tour.c'],
    );
    assert.ok(stack.some(({ name }) => name === 'FINAL: kernel thread'));
    assert.equal(threads[0], 'CPU 0: init [1]');
    assert.equal(registers.slice(0, 4).join(' '), 'pc ra sp gp');
    assert.match(value, /^1\b/);
    assert.equal(step.file, 'entry.S');
    assert.equal(step.line, line + 1);
    assert.equal(stops, 2);
    assert.match(output, /\[tour\] done, powering off/);
  }

  it('sets a breakpoint in entry.S, shows the stack, steps and runs to the end over stdio', function () {
    this.timeout(120_000);
    check(debug({ ADAPTER: JSON.stringify([process.execPath, adapter!.script]) }));
  });

  it('does the same over TCP', async function () {
    this.timeout(120_000);
    const server = await Listening.start();
    try {
      check(debug({ PORT: `${server.port}` }));
    } finally {
      await server.stop();
    }
  });
});
