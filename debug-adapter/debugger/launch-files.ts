/** The files of a launch, and from bytes to what is in them; every mistake as a sentence for the user. */
import { gunzip, isGzip } from '../image/gzip';
import { ImageError } from '../image/image-error';
import { ProgramError } from '../symbols/api';
import { memorySource, type ByteSource } from '../symbols/bytes/byte-source';
import type { BlockStore } from '../target/create-target';
import type { FileSystem, HostFile, LaunchHost } from './api';
import {
  badElf,
  cannotRead,
  cannotWrite,
  isDevice,
  isDirectory,
  noSuchFile,
  tooLarge,
  type FileRole,
} from './errors';
import { KeptFiles, type OpenFile } from './kept-files';

interface LaunchFile {
  readonly role: FileRole;
  /** Absolute. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

interface OpenDisk {
  /** Absolute. */
  readonly path: string;
  readonly store: BlockStore;
}

/** Bytes that tell whether a file is compressed. */
const GZIP_START = 16;
/** No machine has more memory for it. */
const MOST_BYTES = 2 ** 31;
const nothing = new Uint8Array(0);

export class LaunchFiles {
  readonly #files: FileSystem;
  readonly #host: LaunchHost;
  readonly #kept: KeptFiles;

  /** @param kept what earlier launches have read */
  constructor(files: FileSystem, host: LaunchHost, kept = new KeptFiles()) {
    this.#files = files;
    this.#host = host;
    this.#kept = kept;
  }

  /** Rejects with `UserError` for what cannot be read. */
  async read(role: FileRole, name: string): Promise<LaunchFile> {
    const { path, kind } = await this.#locate(role, name);
    return { role, path, bytes: await this.#readWhole(role, path, kind) };
  }

  async #readWhole(role: FileRole, path: string, kind: 'file' | 'stream'): Promise<Uint8Array> {
    const size = kind === 'file' ? ((await this.#files.open(path, false))?.size ?? 0) : 0;
    if (size > MOST_BYTES) throw tooLarge(role, path);
    this.#host.progress?.(`Reading ${path}`);
    const { signal } = this.#host;
    const bytes = await this.#files.readFile(path, signal);
    signal?.throwIfAborted();
    if (!bytes) throw cannotRead(role, path);
    return bytes;
  }

  /** As `read`, but only what is needed, and what is compressed with gzip as what it is unpacked. */
  async open(role: FileRole, name: string): Promise<OpenFile> {
    const { path, kind } = await this.#locate(role, name);
    // Asked first: what is written while it is read then counts as a change.
    const version = kind === 'file' ? await this.#files.version?.(path) : undefined;
    const kept = this.#kept.file(role, path, version);
    if (kept) return kept;
    const file = { role, path, version, source: await this.#open(role, path, kind) };
    this.#kept.keepFile(file);
    return file;
  }

  async #open(role: FileRole, path: string, kind: 'file' | 'stream'): Promise<ByteSource> {
    const store = kind === 'file' ? await this.#files.open(path, false) : undefined;
    // The files of /proc have no size.
    const file = store !== undefined && store.size > 0 ? fileSource(store) : undefined;
    if (file !== undefined && !isGzip(file.read(0, GZIP_START))) return file;
    const bytes = await this.#readWhole(role, path, kind);
    const { signal } = this.#host;
    const unpacked = isGzip(bytes) ? await parsing({ role, path }, () => gunzip(bytes, { signal })) : bytes;
    return memorySource(unpacked);
  }

  /** Rejects with `UserError` for what cannot be opened so. Reads nothing. */
  async openDisk(name: string, write: boolean): Promise<OpenDisk> {
    const { path } = await this.#locate('disk', name);
    const store = await this.#files.open(path, write);
    if (!store) throw (write ? cannotWrite : cannotRead)('disk', path);
    return { path, store };
  }

  async #locate(role: FileRole, name: string): Promise<{ path: string; kind: 'file' | 'stream' }> {
    const path = this.#files.resolve(name);
    const kind = await this.#files.kind(path);
    if (kind === undefined) throw noSuchFile(role, path);
    if (kind === 'directory') throw isDirectory(role, path);
    if (kind === 'device') throw isDevice(role, path);
    return { path, kind };
  }
}

/** A file that was written over gives nothing any more: no names are better than those of another build. */
function fileSource(store: HostFile): ByteSource {
  return {
    size: store.size,
    read(offset, length) {
      if (store.isAsOpened?.() === false) return nothing;
      try {
        const bytes = new Uint8Array(Math.max(0, Math.min(length, store.size - offset)));
        return store.read(offset, bytes) ? bytes : nothing;
      } catch {
        // More than there is memory for.
        return nothing;
      }
    },
  };
}

/** Runs a reader over a file; what it says about the file becomes an error of the user's. */
export async function parsing<T>(
  { role, path }: Pick<LaunchFile, 'role' | 'path'>,
  reader: () => T | Promise<T>,
): Promise<T> {
  try {
    return await reader();
  } catch (error) {
    const known = error instanceof ProgramError || error instanceof ImageError;
    throw known ? badElf(role, path, error.message) : error;
  }
}
