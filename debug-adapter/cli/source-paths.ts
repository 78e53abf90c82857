/** How sources are shown in the terminal: as paths that can be clicked, where the files are on this machine. */
import { isAbsolute, relative } from 'node:path';
import type { CallStack, Debuggee } from '../debugger/api';
import type { SourceLine } from '../symbols/api';

/** Finds the files of a call stack; the result shows `path:line`, relative to `directory` where it lies below that. */
export async function sourceNames(
  debuggee: Debuggee,
  stacks: readonly CallStack[],
  directory: string,
): Promise<(source: SourceLine) => string> {
  const names = new Map<string, string>();
  for (const { rows } of stacks) {
    for (const row of rows) {
      const file =
        row.kind === 'frame'
          ? row.location.source?.file
          : row.kind === 'inlined'
            ? row.source?.file
            : undefined;
      if (file === undefined || names.has(file)) continue;
      const found = await debuggee.sources.locate(file);
      names.set(file, found === undefined ? file : nearer(found, directory));
    }
  }
  return ({ file, line }) => `${names.get(file) ?? file}:${line}`;
}

function nearer(path: string, directory: string): string {
  const below = relative(directory, path);
  return below.startsWith('..') || isAbsolute(below) ? path : below;
}
