/**
 * What the launches of one session keep of files that have not changed: a restart makes a new machine, and reads no symbols twice.
 * Of each role the last file is kept, and with the last kernel its symbols.
 */
import type { Program } from '../symbols/api';
import type { ByteSource } from '../symbols/bytes/byte-source';
import type { FileRole } from './errors';

/** A file of which is read what is needed. */
export interface OpenFile {
  readonly role: FileRole;
  /** Absolute. */
  readonly path: string;
  readonly source: ByteSource;
  /** As `FileSystem.version` had it before it was read. */
  readonly version: string | undefined;
}

export class KeptFiles {
  readonly #files = new Map<FileRole, OpenFile>();
  #program: { readonly of: readonly OpenFile[]; readonly program: Program } | undefined;

  /** The file as it was read, if it is that version still. A file without a version is read each time. */
  file(role: FileRole, path: string, version: string | undefined): OpenFile | undefined {
    const kept = this.#files.get(role);
    return version !== undefined && kept?.path === path && kept.version === version ? kept : undefined;
  }

  keepFile(file: OpenFile): void {
    this.#files.set(file.role, file);
  }

  /** What was made of these very files. */
  program(of: readonly OpenFile[]): Program | undefined {
    const kept = this.#program;
    const isSame = kept?.of.length === of.length && of.every((file, index) => file === kept.of[index]);
    return isSame ? kept.program : undefined;
  }

  keepProgram(of: readonly OpenFile[], program: Program): void {
    this.#program = { of, program };
  }
}
