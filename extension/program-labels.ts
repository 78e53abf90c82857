/** The labels of a kernel that is not running, read from its file and its sources. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findLabels } from '../debug-adapter/symbols/labels/labels';
import { loadProgram } from '../debug-adapter/symbols/program';
import type { Label } from './labels';

/**
 * All labels and functions that a name is enough for: not numeric labels, and not those whose name a macro makes up.
 * @param folders below which sources are looked for; without them labels that the assembler dropped are missing
 * @throws ProgramError if the file is no kernel
 */
export async function labelsOfProgram(path: string, folders: readonly string[]): Promise<Label[]> {
  const program = loadProgram(new Uint8Array(await readFile(path)));
  return findLabels(program, (file) => readSource(file, folders))
    .filter(({ name }) => !/^\d|\\/.test(name))
    .map(({ name, file, line }) => ({ name, file, line }));
}

/** The file itself, or the one in a folder that matches the longest end of its path. */
function readSource(file: string, folders: readonly string[]): string | undefined {
  const parts = file.split(/[\\/]/);
  const ends = parts.map((_, i) => parts.slice(i).join('/'));
  for (const candidate of [file, ...ends.flatMap((end) => folders.map((folder) => join(folder, end)))]) {
    try {
      return readFileSync(candidate, 'utf8');
    } catch {
      // Not there: the next one may be.
    }
  }
  return undefined;
}
