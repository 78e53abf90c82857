/** The labels of a kernel that is not running, read from its file and its sources. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { findLabels } from '../debug-adapter/symbols/labels/labels';
import { loadProgram } from '../debug-adapter/symbols/program';
import { candidates } from '../debug-adapter/symbols/source-paths';
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

/** The text of the first place where the source is, of those that the debugger would look at. */
function readSource(file: string, folders: readonly string[]): string | undefined {
  for (const candidate of candidates(file, {}, folders)) {
    try {
      return readFileSync(candidate, 'utf8');
    } catch {
      // Not there: the next one may be.
    }
  }
  return undefined;
}
