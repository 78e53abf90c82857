/** Paths of the debug information ↔ files on this machine. */
import type { Program } from '../symbols/api';
import { candidates, debugPathsFor, longestSuffixMatch, mappingHint } from '../symbols/source-paths';
import type { FileSystem, LaunchOptions, SourceMap } from './api';

export function createSourceMap(program: Program, options: LaunchOptions, files: FileSystem): SourceMap {
  return new ProgramSources(program, options, files);
}

interface Found {
  readonly path: string | undefined;
  /** A file of that name that may or may not be the one. */
  readonly example?: string | undefined;
}

class ProgramSources implements SourceMap {
  readonly #program: Program;
  readonly #files: FileSystem;
  readonly #prefixes: Readonly<Record<string, string>>;
  /** Searched with all that lies below them. */
  readonly #searched: readonly string[];
  /** Where a file may be at the end of its path in the debug information. */
  readonly #folders: readonly string[];
  readonly #found = new Map<string, Promise<Found>>();
  readonly #folderExists = new Map<string, Promise<boolean>>();

  constructor(program: Program, options: LaunchOptions, files: FileSystem) {
    this.#program = program;
    this.#files = files;
    this.#prefixes = options.sourceFileMap ?? {};
    const folder = parent(files.resolve(options.program));
    this.#searched = options.sourceFolders?.map((name) => files.resolve(name)) ?? [folder];
    // A kernel lies in its source tree or one folder below it, as `build/vmlinux` does. What else is there may be anything.
    this.#folders = this.#searched.includes(folder) ? [...this.#searched, parent(folder)] : this.#searched;
  }

  async locate(file: string): Promise<string | undefined> {
    return (await this.#find(file)).path;
  }

  /** A path of the debug information that is known to mean another file here is not this one's, however alike they are. */
  async debugPaths(path: string): Promise<readonly string[]> {
    const wanted = this.#files.resolve(path);
    const alike = debugPathsFor(path, this.#prefixes, this.#program.lines?.files ?? []);
    const located = await Promise.all(alike.map((file) => this.locate(file)));
    return alike.filter(
      (file, index) => file === path || located[index] === undefined || located[index] === wanted,
    );
  }

  async text(file: string): Promise<string | undefined> {
    const path = await this.locate(file);
    const bytes = path === undefined ? undefined : await this.#files.readFile(path);
    return bytes && new TextDecoder().decode(bytes);
  }

  async hint(file: string): Promise<string> {
    return mappingHint(file, (await this.#find(file)).example);
  }

  #find(file: string): Promise<Found> {
    let found = this.#found.get(file);
    if (!found) {
      found = this.#search(file);
      this.#found.set(file, found);
    }
    return found;
  }

  async #search(file: string): Promise<Found> {
    for (const candidate of candidates(file, this.#prefixes, this.#folders)) {
      const path = this.#files.resolve(candidate);
      if (await this.#isFile(path)) return { path };
    }
    const name = file.slice(file.search(/[^/\\]*$/));
    const alike = await Promise.all(this.#searched.map((folder) => this.#files.findByName(folder, name)));
    const match = longestSuffixMatch(file, [...new Set(alike.flat())]);
    return { path: match.file, example: match.ambiguous[0] };
  }

  async #isFile(path: string): Promise<boolean> {
    return (await this.#isFolder(parent(path))) && (await this.#files.kind(path)) === 'file';
  }

  /** Remembered: a kernel's files share few folders, most of which are nowhere on this machine. */
  #isFolder(path: string): Promise<boolean> {
    let exists = this.#folderExists.get(path);
    if (!exists) {
      exists = this.#askForFolder(path);
      this.#folderExists.set(path, exists);
    }
    return exists;
  }

  async #askForFolder(path: string): Promise<boolean> {
    const above = parent(path);
    return (
      above === path || ((await this.#isFolder(above)) && (await this.#files.kind(path)) === 'directory')
    );
  }
}

function parent(path: string): string {
  return path.replace(/[/\\]+[^/\\]*$/, '') || '/';
}
