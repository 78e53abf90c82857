/** The ELF files of `fixtures/` and what binutils says of them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadProgram } from '../../debug-adapter/symbols/program';
import type { Program } from '../../debug-adapter/symbols/api';

export const FIXTURES = join(import.meta.dirname, 'fixtures');

/** Names of the ELF files without their extension, as build.sh makes them. */
export const FIXTURE_NAMES = [
  'gcc-dwarf3',
  'gcc-dwarf4',
  'gcc-dwarf5',
  'gcc-types',
  'gcc-compressed',
  'clang-dwarf4',
  'clang-dwarf5',
] as const;

export function fixtureBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FIXTURES, `${name}.elf`)));
}

export function loadFixture(name: string): Program {
  return loadProgram(fixtureBytes(name));
}

export function fixtureText(name: string): string {
  return readFileSync(join(FIXTURES, name), 'utf8');
}

/** Sources by their paths in the debug information. */
export function readFixtureSource(file: string): string | undefined {
  const name = /^\/fixtures\/([\w.]+)$/.exec(file)?.[1];
  return name !== undefined && existsSync(join(FIXTURES, name)) ? fixtureText(name) : undefined;
}

/** A row of `readelf --debug-dump=decodedline`; `line` is undefined for the end of a sequence. */
export interface ListedRow {
  readonly file: string;
  readonly line: number | undefined;
  readonly address: bigint;
  readonly isStatement: boolean;
}

/** Parses readelf's listing: file name, line or `-`, address, view, `x` for a statement. */
export function parseLineListing(text: string): ListedRow[] {
  return [...text.matchAll(/^(\S+) +(\d+|-) +(0x[0-9a-f]+|0)(?: +\d+)?( +x)?(?: +END)?$/gm)].map(
    ([, file, line, address, statement]) => ({
      file: basename(file!),
      line: line === '-' ? undefined : Number(line),
      address: BigInt(address!),
      isStatement: statement !== undefined,
    }),
  );
}

/** Output of a tool, or undefined if this machine does not have it. */
export function runTool(tool: string, args: readonly string[], input?: string): string | undefined {
  const result = spawnSync(tool, args, { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return result.error === undefined && result.status === 0 ? result.stdout : undefined;
}
