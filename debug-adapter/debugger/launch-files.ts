/** The files of a launch, and from bytes to what is in them; every mistake as a sentence for the user. */
import { ImageError } from '../image/image-error';
import { unpack } from '../image/kernel-file';
import { ProgramError } from '../symbols/api';
import type { BlockStore } from '../target/create-target';
import type { FileSystem, LaunchHost } from './api';
import { badElf, cannotRead, cannotWrite, isDirectory, noSuchFile, type FileRole } from './errors';

export interface LaunchFile {
  readonly role: FileRole;
  /** Absolute. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface OpenDisk {
  /** Absolute. */
  readonly path: string;
  readonly store: BlockStore;
}

export class LaunchFiles {
  readonly #files: FileSystem;
  readonly #host: LaunchHost;

  constructor(files: FileSystem, host: LaunchHost) {
    this.#files = files;
    this.#host = host;
  }

  /** Rejects with `UserError` for what cannot be read. */
  async read(role: FileRole, name: string): Promise<LaunchFile> {
    const path = await this.#locate(role, name);
    this.#host.progress?.(`Reading ${path}`);
    const bytes = await this.#files.readFile(path);
    if (!bytes) throw cannotRead(role, path);
    return { role, path, bytes };
  }

  /** Rejects with `UserError` for what cannot be opened so. Reads nothing. */
  async openDisk(name: string, write: boolean): Promise<OpenDisk> {
    const path = await this.#locate('disk', name);
    const store = await this.#files.openDisk(path, write);
    if (!store) throw (write ? cannotWrite : cannotRead)('disk', path);
    return { path, store };
  }

  async #locate(role: FileRole, name: string): Promise<string> {
    const path = this.#files.resolve(name);
    const kind = await this.#files.kind(path);
    if (kind === undefined) throw noSuchFile(role, path);
    if (kind === 'directory') throw isDirectory(role, path);
    return path;
  }

  /** As `read`, and unpacks what is compressed with gzip. */
  async readUnpacked(role: FileRole, name: string): Promise<LaunchFile> {
    const file = await this.read(role, name);
    const bytes = await parsing(file, () => unpack(file.bytes, this.#host.signal));
    return { ...file, bytes };
  }
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
