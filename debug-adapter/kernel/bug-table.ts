/**
 * Which `ebreak` of the kernel is a BUG() or a WARN(), and of which line (`__bug_table`, Linux 7.3 include/asm-generic/bug.h and
 * lib/bug.c). Files and lines are there with CONFIG_DEBUG_BUGVERBOSE.
 */
import type { Program, StructLayout } from '../symbols/api';
import { imageBytes, imageTable, imageText, type ImageTable } from './image-bytes';

export interface Bug {
  readonly kind: 'BUG' | 'WARN';
  /** As the compiler was given it: `mm/memory.c`. */
  readonly file: string | undefined;
  readonly line: number | undefined;
}

/** The type that is looked up for it. */
export const bugTableTypes = ['bug_entry'];

/** `BUGFLAG_WARNING`. */
const warning = 1;

/** Bytes in `struct bug_entry`. */
interface Layout {
  readonly size: number;
  /** Distances, or addresses of 8 bytes where the kernel has no relative pointers. */
  readonly isRelative: boolean;
  readonly address: number;
  readonly file: number | undefined;
  readonly line: number | undefined;
  readonly flags: number;
}

/** Of Linux 7.3 with files and lines: for kernels without debug information. */
const constants: Layout = { size: 12, isRelative: true, address: 0, file: 4, line: 8, flags: 10 };

/** So many files are looked at to tell from where they are counted. */
const samples = 64;

export class BugTable {
  readonly #program: Program;
  /** By link-time address; read when first asked for. */
  #bugs: ReadonlyMap<bigint, Bug> | undefined;

  constructor(program: Program) {
    this.#program = program;
  }

  /** False in a kernel that does not say which breakpoints are bugs. */
  get exists(): boolean {
    return this.#program.symbols.named('__start___bug_table').length > 0;
  }

  /** By link-time address of the `ebreak`. */
  at(address: bigint): Bug | undefined {
    this.#bugs ??= readBugs(this.#program);
    return this.#bugs.get(address);
  }
}

function readBugs(program: Program): ReadonlyMap<bigint, Bug> {
  const table = imageTable(program, '__start___bug_table', '__stop___bug_table');
  const struct = program.types.struct('bug_entry');
  const layout = struct ? layoutOf(struct) : constants;
  if (!table || !layout || layout.size <= 0) return new Map();
  const fileOf = fileReader(program, table, layout);
  const { view } = table;
  const found = new Map<bigint, Bug>();
  for (let at = 0; at + layout.size <= view.byteLength; at += layout.size) {
    const { line } = layout;
    found.set(pointer(table, layout, at + layout.address, at + layout.address), {
      kind: (view.getUint16(at + layout.flags, true) & warning) === 0 ? 'BUG' : 'WARN',
      get file() {
        return fileOf(at);
      },
      line: line === undefined ? undefined : view.getUint16(at + line, true),
    });
  }
  return found;
}

function layoutOf({ size, members }: StructLayout): Layout | undefined {
  const offset = (name: string) => members.get(name)?.offset;
  const relative = offset('bug_addr_disp');
  const address = relative ?? offset('bug_addr');
  const flags = offset('flags');
  if (address === undefined || flags === undefined) return undefined;
  const isRelative = relative !== undefined;
  const last = Math.max(address + (isRelative ? 4 : 8), flags + 2);
  return last > size
    ? undefined
    : {
        size,
        isRelative,
        address,
        flags,
        file: offset(isRelative ? 'file_disp' : 'file'),
        line: offset('line'),
      };
}

/** The address that a word of the table holds, as a distance from `base`. */
function pointer({ address, view }: ImageTable, { isRelative }: Layout, at: number, base: number): bigint {
  return isRelative
    ? BigInt.asUintN(64, address + BigInt(base) + BigInt(view.getInt32(at, true)))
    : view.getBigUint64(at, true);
}

/**
 * Files are counted from the word that holds the distance since Linux 6.0, before from the start of the entry. Of the two the one is right
 * by which more texts begin behind a NUL.
 */
function fileReader(program: Program, table: ImageTable, layout: Layout): (at: number) => string | undefined {
  const { file, size } = layout;
  if (file === undefined) return () => undefined;
  const count = Math.min(samples, Math.floor(table.view.byteLength / size));
  const address = (base: number, at: number) => pointer(table, layout, at + file, at + base);
  const beginnings = (base: number) =>
    Array.from({ length: count }, (_, n) => address(base, n * size)).filter(
      (text) => imageText(program, text) !== undefined && imageBytes(program, text - 1n)?.getUint8(0) === 0,
    ).length;
  const base = beginnings(0) > beginnings(file) ? 0 : file;
  return (at) => imageText(program, address(base, at));
}
