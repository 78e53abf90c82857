/** Attributes that a DIE takes over from the one that it is an instance or a definition of (DWARF 5 §2.13.2, §3.3.8). */
import type { SourceLine } from '../api';
import { AT } from './constants';
import { constantOf, nameOf, type Die, type DieReader } from './die';
import type { Unit } from './units';

/** An instance of an abstract one that completes a declaration; cycles are damage. */
const MOST_ORIGINS = 8;

/** The DIE that has an attribute: this one, or one that it comes from. */
export function ownerOf(die: Die, attribute: number, reader: DieReader): Die | undefined {
  let owner: Die | undefined = die;
  for (let depth = 0; owner !== undefined && depth < MOST_ORIGINS; depth++) {
    if (owner.attributes.has(attribute)) return owner;
    owner = originOf(owner, reader);
  }
  return undefined;
}

export function originOf(die: Die, reader: DieReader): Die | undefined {
  return reader.follow(die, AT.abstract_origin) ?? reader.follow(die, AT.specification);
}

export function inheritedName(die: Die, reader: DieReader): string | undefined {
  const owner = ownerOf(die, AT.name, reader);
  return owner && nameOf(owner);
}

/** Names of files by the number that a unit's DIEs have for them. */
export type FileNames = (unit: Unit, file: number) => string | undefined;

/** Where a DIE says that it is declared; `undefined` for what the compiler made. */
export function declarationOf(die: Die, reader: DieReader, fileName: FileNames): SourceLine | undefined {
  const owner = ownerOf(die, AT.decl_line, reader);
  return owner && sourceLine(owner, [AT.decl_file, AT.decl_line, AT.decl_column], fileName, reader);
}

/** The place that three attributes of a DIE give: file, line, column. */
export function sourceLine(
  die: Die,
  [file, line, column]: readonly [number, number, number],
  fileName: FileNames,
  reader: DieReader,
): SourceLine | undefined {
  const owner = ownerOf(die, file, reader);
  const [fileNumber, lineNumber] = [owner && constantOf(owner, file), constantOf(die, line)];
  if (owner === undefined || fileNumber === undefined || lineNumber === undefined) return undefined;
  const path = fileName(owner.unit, Number(fileNumber));
  // A damaged line table may name a file with nothing.
  return path === undefined || path === ''
    ? undefined
    : { file: path, line: Number(lineNumber), column: Number(constantOf(die, column) ?? 0n) };
}
