/** Files of this machine for the debugger. */
import { open, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FileSystem } from '../debugger/api';
import { openFile } from './open-file';
import { readPipe } from './read-pipe';

const skipped = new Set(['node_modules', '.git', '.hg', '.svn']);
/**
 * A search for sources must not wander through a whole disk: a kernel in a home directory would keep its first breakpoint
 * waiting for seconds. A Linux tree has 5,000 directories.
 */
const mostDirectories = 5_000;

type FilesByName = ReadonlyMap<string, readonly string[]>;

/** Directories that were searched are remembered as they were: one instance serves one launch. */
export function createNodeFiles(): FileSystem {
  const searched = new Map<string, Promise<FilesByName>>();
  return {
    async readFile(path, signal) {
      try {
        return (await stat(path)).isFIFO() ? await readPipe(path, signal) : await readWhole(path);
      } catch {
        return undefined;
      }
    },

    async kind(path) {
      try {
        const status = await stat(path);
        if (status.isDirectory()) return 'directory';
        if (status.isCharacterDevice() || status.isSocket()) return 'device';
        return status.isFile() || status.isBlockDevice() ? 'file' : 'stream';
      } catch {
        return undefined;
      }
    },

    async version(path) {
      try {
        const { ino, size, mtimeNs } = await stat(path, { bigint: true });
        return [ino, size, mtimeNs].join(' ');
      } catch {
        return undefined;
      }
    },

    open: (path, write) => Promise.resolve(openFile(path, write)),

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

/** Node counts the bytes of a read in 31 bits. */
const mostAtOnce = 2 ** 30;

/** In one piece: `readFile` reads half a megabyte at a time, which takes twice as long for a kernel. */
async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(size);
    let filled = 0;
    for (let read = -1; read !== 0 && filled < size; filled += read) {
      read = (await file.read(bytes, filled, Math.min(size - filled, mostAtOnce), filled)).bytesRead;
    }
    // Pipes and the files of /proc have no size.
    return size === 0 ? new Uint8Array(await file.readFile()) : bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}

/** Breadth first, so that the bound cuts off what lies deepest. */
async function listFiles(directory: string): Promise<FilesByName> {
  const byName = new Map<string, string[]>();
  const queue = [directory];
  for (let next = 0; next < Math.min(queue.length, mostDirectories); next++) {
    const at = queue[next]!;
    for (const entry of await entriesOf(at)) {
      const path = join(at, entry.name);
      const alike = byName.get(entry.name);
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) queue.push(path);
      } else if (alike) alike.push(path);
      else byName.set(entry.name, [path]);
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
