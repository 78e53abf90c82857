/** Files of this machine for the debugger. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FileSystem } from '../debugger/api';

const skipped = new Set(['node_modules', '.git', '.hg', '.svn']);
/** A search for sources must not wander through a whole disk. */
const mostDirectories = 20_000;

type FilesByName = ReadonlyMap<string, readonly string[]>;

/** Directories that were searched are remembered as they were: one instance serves one launch. */
export function createNodeFiles(): FileSystem {
  const searched = new Map<string, Promise<FilesByName>>();
  return {
    async readFile(path) {
      try {
        const bytes = await readFile(path);
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      } catch {
        return undefined;
      }
    },

    async kind(path) {
      try {
        return (await stat(path)).isDirectory() ? 'directory' : 'file';
      } catch {
        return undefined;
      }
    },

    resolve: (path) => resolve(path),

    async findByName(directory, name) {
      let files = searched.get(directory);
      if (!files) {
        files = listFiles(directory);
        searched.set(directory, files);
      }
      return (await files).get(name) ?? [];
    },
  };
}

/** Breadth first, so that the bound cuts off what lies deepest. */
async function listFiles(directory: string): Promise<FilesByName> {
  const byName = new Map<string, string[]>();
  const queue = [directory];
  for (let next = 0; next < Math.min(queue.length, mostDirectories); next++) {
    const at = queue[next]!;
    for (const entry of await entriesOf(at)) {
      const path = join(at, entry.name);
      if (!entry.isDirectory()) byName.set(entry.name, [...(byName.get(entry.name) ?? []), path]);
      else if (!skipped.has(entry.name)) queue.push(path);
    }
  }
  return byName;
}

async function entriesOf(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
