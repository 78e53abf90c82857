/**
 * The source files that line programs name, numbered. Each of a kernel's hundreds of programs lists the same few hundred
 * headers, by the same offsets of a string section: a path is joined and normalised once.
 */
import { joinPath } from '../paths';
import type { DwarfSections } from './sections';

/** A string of `.debug_line_str` or `.debug_str`. */
export interface StringPlace {
  readonly section: 'str' | 'line_str';
  readonly offset: number;
}

/** Number of a file register that no file belongs to. */
export const NO_FILE = 0xffff_ffff;

/** PATH_MAX of Linux. What is longer names no file, and a directory's path is part of that of each file in it. */
const LONGEST_PATH = 4096;

export class Directory {
  readonly path: string;
  /** Files and directories below, by where their names are stored. */
  readonly files = new Map<number, number>();
  readonly directories = new Map<number, Directory>();

  constructor(path: string) {
    this.path = path;
  }
}

const keyOf = ({ section, offset }: StringPlace) => offset * 2 + (section === 'str' ? 1 : 0);

export class SourceFiles {
  /** Full paths by number. */
  readonly paths: string[] = [];
  readonly #sections: DwarfSections;
  readonly #numbers = new Map<string, number>();
  readonly #directories = new Map<string, Directory>();

  constructor(sections: DwarfSections) {
    this.#sections = sections;
  }

  /** Number of a path; `undefined` if no table that was read has it. */
  find(path: string): number | undefined {
    return this.#numbers.get(path);
  }

  /** The directory `name` below `base`, or an absolute one. */
  directory(base: Directory | undefined, name: string | StringPlace): Directory {
    if (typeof name !== 'string') {
      const key = keyOf(name);
      let known = base?.directories.get(key);
      if (known === undefined) {
        known = this.directory(base, this.#sections.string(name.section, name.offset) ?? '');
        base?.directories.set(key, known);
      }
      return known;
    }
    const path = joinPath(base?.path ?? '', name).slice(0, LONGEST_PATH);
    let directory = this.#directories.get(path);
    if (directory === undefined) this.#directories.set(path, (directory = new Directory(path)));
    return directory;
  }

  /** Number of the file `name` in a directory. */
  file(directory: Directory | undefined, name: string | StringPlace): number {
    if (typeof name !== 'string') {
      const key = keyOf(name);
      let known = directory?.files.get(key);
      if (known === undefined) {
        known = this.file(directory, this.#sections.string(name.section, name.offset) ?? '');
        directory?.files.set(key, known);
      }
      return known;
    }
    const path = joinPath(directory?.path ?? '', name).slice(0, LONGEST_PATH);
    let number = this.#numbers.get(path);
    if (number === undefined) {
      number = this.paths.push(path) - 1;
      this.#numbers.set(path, number);
    }
    return number;
  }
}
