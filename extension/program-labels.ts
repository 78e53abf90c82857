/** The labels of a kernel that is not running, read from its file. */
import { readFile } from 'node:fs/promises';
import { loadProgram } from '../debug-adapter/symbols/program';
import type { Label } from './labels';

/** Functions and labels of the symbol table, with their lines where the debug information has them. Throws `ProgramError`. */
export async function labelsOfProgram(path: string): Promise<Label[]> {
  const program = loadProgram(new Uint8Array(await readFile(path)));
  return program.symbols.symbols
    .filter((symbol) => symbol.kind === 'function' || symbol.kind === 'label')
    .map((symbol) => {
      const place = program.lines?.at(symbol.address);
      return { name: symbol.name, file: place?.file ?? '', line: place?.line ?? 0 };
    });
}
