/** Paths of the debug information ↔ files on this machine. */
import type { Program } from '../symbols/api';
import type { FileSystem, LaunchOptions, SourceMap } from './api';

export function createSourceMap(program: Program, options: LaunchOptions, files: FileSystem): SourceMap {
  throw new Error(`not yet ${program.entry} ${options.program} ${typeof files}`);
}
