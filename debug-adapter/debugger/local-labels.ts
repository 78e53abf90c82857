/** Labels that the assembler dropped (`.Lname`), found through the sources on this machine. */
import type { ReadSource, SourceLabel } from '../symbols/api';
import { assemblyFiles, findLabel, labelSteps } from '../symbols/labels/labels';
import type { Debuggee } from './api';

/** The definitions of a label; empty if no source that was found has it. */
export async function findLocalLabels(debuggee: Debuggee, name: string): Promise<readonly SourceLabel[]> {
  return findLabel(debuggee.program, await readAssembly(debuggee), name);
}

/** All labels and functions that have an address. */
export async function allLabels(debuggee: Debuggee): Promise<readonly SourceLabel[]> {
  const readSource = await readAssembly(debuggee);
  return debuggee.perform('Listing labels', labelSteps(debuggee.program, readSource));
}

/** Assembly sources of the program that are not on this machine, as the debug information names them. */
export async function missingAssembly({ program, sources }: Debuggee): Promise<readonly string[]> {
  const files = assemblyFiles(program);
  const located = await Promise.all(files.map((file) => sources.locate(file)));
  return files.filter((_, index) => located[index] === undefined);
}

async function readAssembly({ program, sources }: Debuggee): Promise<ReadSource> {
  const files = assemblyFiles(program);
  const texts = await Promise.all(files.map((file) => sources.text(file)));
  const byFile = new Map(files.map((file, index) => [file, texts[index]]));
  return (file) => byFile.get(file);
}
