/**
 * All labels of a program: those of the symbol table, and those that the assembler dropped (`.Lname`, `1:`), found
 * through the source text and the line table.
 */
import type { Program, ReadSource, SourceLabel } from '../api';
import { isLocalLabel } from '../elf/symbols';
import { finish, type Steps } from '../steps';
import { LabelLocator } from './locate';
import { scanAssembly, type SourceItem } from './scan';

/** The assembly files of a program, by their paths in the debug information: what {@link findLabels} wants to read. */
export function assemblyFiles(program: Program): readonly string[] {
  return program.lines?.assemblyFiles ?? [];
}

/** Labels of one assembly file, in the order of its lines; labels that are not in the program have no addresses. */
function labelsInText(program: Program, file: string, text: string): SourceLabel[] {
  const { lines } = program;
  if (lines === undefined) return [];
  const scanned = scanAssembly(text);
  const locator = new LabelLocator(program, lines, file, scanned);
  const inSymbolTable = (name: string) =>
    program.symbols
      .named(name)
      .filter(({ kind }) => kind === 'function' || kind === 'label')
      .map(({ address }) => address);
  const collect = (items: readonly SourceItem[], locate: (index: number) => readonly bigint[]) =>
    items.flatMap((item, index): SourceLabel[] => {
      if (item.kind !== 'label') return [];
      const { name, line } = item;
      const known = /^\d/.test(name) ? [] : inSymbolTable(name);
      return [{ name, file, line, addresses: known.length > 0 ? known : locate(index) }];
    });
  const found = collect(scanned.items, (index) => locator.locate(index));
  for (const [name, body] of scanned.macros) {
    found.push(...collect(body, (index) => locator.locateInMacro(name, index)));
  }
  return found.sort((a, b) => a.line - b.line);
}

/**
 * All labels and functions that have an address, files in the order of the line table, then what has no source line.
 * Each definition of a numeric label is one of its own. A label inside a macro has the name that the macro gives it
 * (`.Lretry\@`) and the line in the macro's body.
 * @param readSource Gives the texts of {@link assemblyFiles}; for a file without one its dropped labels are missing.
 */
export function findLabels(program: Program, readSource: ReadSource): SourceLabel[] {
  return finish(labelSteps(program, readSource));
}

/** Symbols between two steps. */
const SYMBOLS_A_STEP = 256;

/** As {@link findLabels}, a file or some symbols at a time. */
export function* labelSteps(program: Program, readSource: ReadSource): Steps<SourceLabel[]> {
  const labels: SourceLabel[] = [];
  for (const file of assemblyFiles(program)) {
    const text = readSource(file);
    if (text === undefined) continue;
    labels.push(...labelsInText(program, file, text).filter(({ addresses }) => addresses.length > 0));
    yield 0;
  }
  const listed = new Set(labels.map(({ name }) => name));
  const { symbols } = program.symbols;
  for (const [index, { name, kind, address }] of symbols.entries()) {
    if (index % SYMBOLS_A_STEP === 0) yield index / symbols.length;
    if ((kind !== 'function' && kind !== 'label') || listed.has(name)) continue;
    // Fake labels of the assembler, which nobody wrote.
    if (isLocalLabel(name) && !/^\.L[A-Za-z_]/.test(name)) continue;
    if (!program.text.some(({ start, end }) => address >= start && address < end)) continue;
    const place = program.lines?.at(address);
    labels.push({ name, file: place?.file ?? '', line: place?.line ?? 0, addresses: [address] });
  }
  return labels;
}

/** The definitions of one label: from the symbol table if it is there, otherwise from the sources. */
export function findLabel(program: Program, readSource: ReadSource, name: string): SourceLabel[] {
  const symbols = program.symbols.named(name).filter(({ kind }) => kind === 'function' || kind === 'label');
  if (symbols.length > 0) {
    return symbols.map(({ address }) => {
      const place = program.lines?.at(address);
      return { name, file: place?.file ?? '', line: place?.line ?? 0, addresses: [address] };
    });
  }
  return assemblyFiles(program).flatMap((file) => {
    const text = readSource(file);
    // Scanning a file is cheap, but asking the line table about each of its labels need not be.
    if (!text?.includes(name)) return [];
    return labelsInText(program, file, text).filter((it) => it.name === name && it.addresses.length > 0);
  });
}
