/** Every symbol and every row of the line tables of two real kernels, as binutils has them; `RISCV_UNWIND_LINUX` names their folder. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import type { Program } from '../../debug-adapter/symbols/api';
import { loadProgram } from '../../debug-adapter/symbols/program';

const tool = (name: string) => `riscv64-linux-gnu-${name}`;
const folder = process.env['RISCV_UNWIND_LINUX'] ?? '';

/** A row of `readelf --debug-dump=decodedline`; `line` is undefined for the end of a sequence. */
interface Row {
  /** Without its directory, which readelf does not always tell. */
  readonly file: string;
  readonly line: number | undefined;
  readonly address: bigint;
  readonly isStatement: boolean;
}

/** The rows one after the other: the whole listing is larger than a string may be. */
async function* listedRows(path: string): AsyncGenerator<Row> {
  const arguments_ = ['--wide', '--debug-dump=decodedline', path];
  const readelf = spawn(tool('readelf'), arguments_, { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const text of createInterface(readelf.stdout)) {
    const row = /^(\S+) +(\d+|-) +(0x[0-9a-f]+)(?: +\d+)?( +x)?(?: +END)?$/.exec(text);
    if (row === null) continue;
    const [, file, line, address, statement] = row;
    yield {
      file: file!,
      line: line === '-' ? undefined : Number(line),
      address: BigInt(address!),
      isStatement: statement !== undefined,
    };
  }
}

for (const name of ['vmlinux-metadata', 'vmlinux-stock']) {
  describe(`binutils and ${name}`, function () {
    this.timeout(300_000);
    let directory: string;
    let path: string;
    let program: Program;

    before(function () {
      const packed = join(folder, `${name}.gz`);
      if (folder === '' || !existsSync(packed)) return this.skip();
      if (spawnSync(tool('readelf'), ['--version']).status !== 0) return this.skip();
      directory = mkdtempSync(join(tmpdir(), 'riscv-unwind-oracles-'));
      path = join(directory, name);
      const bytes = new Uint8Array(gunzipSync(readFileSync(packed)));
      writeFileSync(path, bytes);
      program = loadProgram(bytes);
    });

    after(() => directory && rmSync(directory, { recursive: true }));

    it('have the same symbols', () => {
      const { stdout } = spawnSync(tool('nm'), ['-S', path], { encoding: 'utf8', maxBuffer: 2 ** 28 });
      const listed = [...stdout.matchAll(/^(\S{16})(?: (\S{16}))? [^NU] (.+)$/gm)];
      assert.ok(listed.length > 10_000);
      // Numbered labels are left out here.
      const theirs = listed.filter(([, , , symbol]) => !/^\.L[A-Z]*\d/.test(symbol!));
      const { symbols } = program.symbols;
      const show = (symbol: string, address: bigint) => `${symbol} ${address.toString(16)}`;
      assert.deepEqual(
        symbols.map((it) => show(it.name, it.address)).sort(),
        theirs.map(([, address, , symbol]) => show(symbol!, BigInt(`0x${address}`))).sort(),
      );
      const sized = theirs.filter(([, , size]) => size !== undefined);
      for (const [, address, size, symbol] of sized) {
        const found = program.symbols.named(symbol!);
        const wanted = [BigInt(`0x${address}`), Number(`0x${size}`)];
        assert.ok(
          found.some((it) => it.address === wanted[0] && it.size === wanted[1]),
          `${symbol} has ${size} bytes`,
        );
      }
    });

    it('have the same lines for all addresses, and the same addresses for the lines of all sources', async () => {
      const lines = program.lines!;
      const isText = (address: bigint) =>
        program.text.some(({ start, end }) => address >= start && address < end);
      /** `line address` of the first statement of each run of rows of a line, by file. */
      const statements = new Map<string, Set<string>>();
      let rows = 0;
      let padding = 0;
      let previous: Row | undefined;
      let first: bigint | undefined;
      let [runFile, runLine, done] = ['', -1, false];
      for await (const row of listedRows(path)) {
        rows++;
        first ??= row.address;
        if (
          previous?.line !== undefined &&
          previous.line > 0 &&
          row.address > previous.address &&
          isText(first)
        ) {
          const found = lines.at(previous.address);
          // What a million comparisons need not do is make messages.
          const same =
            found?.line === previous.line &&
            posix.basename(found.file) === previous.file &&
            found.start === previous.address &&
            found.end === row.address &&
            found.isStatement === previous.isStatement;
          // Linker relaxation leaves rows behind the end of some functions, where their units have no code.
          if (found === undefined && program.symbols.at(previous.address) === undefined) padding++;
          else if (!same)
            assert.fail(
              `${show(previous)} to ${row.address.toString(16)}, not ${JSON.stringify(found, text)}`,
            );
        }
        if (row.file !== runFile || row.line !== runLine) {
          [runFile, runLine, done] = [row.file, row.line ?? -1, false];
        }
        if (!done && row.isStatement && row.line !== undefined && row.line > 0 && isText(first)) {
          done = true;
          const known = statements.get(row.file) ?? new Set();
          statements.set(row.file, known.add(`${row.line} ${row.address.toString(16)}`));
        }
        previous = row.line === undefined ? undefined : row;
        if (row.line === undefined) first = undefined;
      }
      assert.ok(rows > 500_000, `${rows} rows`);
      assert.ok(padding < rows / 1000, `${padding} rows are between functions`);

      // A header is in the programs of all units that include it: of those some.
      const byName = groupByName(lines.files);
      const names = [...byName.keys()].filter((file, index) => !file.endsWith('.h') || index % 97 === 0);
      assert.ok(names.length > 400);
      for (const name of names) {
        const ours = byName
          .get(name)!
          .flatMap((file) => lines.lines(file).map((line) => ({ line, starts: lines.addresses(file, line) })))
          .flatMap(({ line, starts }) => starts.map((start) => `${line} ${start.toString(16)}`));
        assert.deepEqual([...new Set(ours)].sort(), [...(statements.get(name) ?? [])].sort(), name);
      }
    });
  });
}

const show = ({ file, line, address }: Row) => `${file}:${line} at ${address.toString(16)}`;
const text = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString(16) : value);

function groupByName(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const byName = new Map<string, string[]>();
  for (const file of files) {
    const name = posix.basename(file);
    byName.set(name, [...(byName.get(name) ?? []), file]);
  }
  return byName;
}
