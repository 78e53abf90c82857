/** Breakpoint places → addresses: what a person typed, a line of a file, an address. */
import type { LineTable, ProgramSymbol } from '../symbols/api';
import { parseSpec, type BreakpointSpec } from '../symbols/spec';
import { commonSuffixLength } from '../symbols/source-paths';
import { hex } from '../unwind/hex';
import type { Debuggee, Resolution, UnresolvedSpec } from './api';
import { isCode } from './code';
import { clonesOf, resolveCopies } from './function-copies';
import { findLocalLabels, missingAssembly } from './local-labels';
import { moduleAt } from './modules';
import { didYouMean } from './nearest';
import { functionBody } from './prologue';
import { resolved, unresolved } from './resolution';
import { resolveGlob } from './resolve-glob';
import { lineMayComeLater, mayComeLater, notInModule, resolveInModules } from './resolve-module';

/** A SPEC as typed by a person, or a function breakpoint's name. */
export async function resolveSpec(debuggee: Debuggee, text: string): Promise<Resolution> {
  const parsed = parseSpec(text);
  if (!parsed.ok) return unresolved(parsed.message);
  const { spec } = parsed;
  switch (spec.kind) {
    case 'symbol':
      return resolveSymbol(debuggee, spec);
    case 'line':
      return resolveFileLine(debuggee, spec.file, spec.line);
    case 'address':
      return resolveAddress(debuggee, spec.address);
    case 'glob':
      return resolveGlob(debuggee, spec.pattern);
  }
}

/**
 * A line of a file on this machine (a gutter breakpoint): moved to the next line with code. `source.file` of the result
 * is the debug path, `source.line` the line where it is.
 */
export async function resolveLine(debuggee: Debuggee, path: string, line: number): Promise<Resolution> {
  const { lines } = debuggee.program;
  if (!lines) return noLineInformation();
  const files = await debuggee.sources.debugPaths(path);
  if (files.length > 0) return await resolveInFiles(debuggee, lines, files, line);
  return unresolved(
    `No code of this program comes from ${path}. If it should, map its folder with "sourceFileMap", or build the program again.${lineMayComeLater(debuggee)}`,
  );
}

/** Lines of a file on this machine that have code, ascending, for `breakpointLocations`. */
export async function codeLines(debuggee: Debuggee, path: string): Promise<readonly number[]> {
  const { lines } = debuggee.program;
  const files = lines ? await debuggee.sources.debugPaths(path) : [];
  if (lines) await searchLines(debuggee, lines, files);
  return [...new Set(files.flatMap((file) => lines?.lines(file) ?? []))].sort((a, b) => a - b);
}

/**
 * One address. One of kernel text, as linked or as it runs now, stands for all addresses at which that code may run; any
 * other (physical, a user program's) for itself alone.
 */
export function resolveAddress(debuggee: Debuggee, address: bigint): Resolution {
  if ((address & 1n) !== 0n)
    return unresolved(`${hex(address)} is odd: instructions begin at even addresses.`);
  const link = debuggee.kernel.linkAddress(address, false).address;
  return debuggee.kernel.isKernelText(link)
    ? resolved(debuggee, [link], hex(address))
    : {
        kind: 'resolved',
        addresses: [address],
        armed: [address],
        description: hex(address),
        source: undefined,
      };
}

async function resolveSymbol(
  debuggee: Debuggee,
  spec: Extract<BreakpointSpec, { kind: 'symbol' }>,
): Promise<Resolution> {
  const { name, size } = spec;
  const offset = spec.offset ?? 0n;
  const { symbols } = debuggee.program;
  if (spec.module !== undefined) return resolveInModules(debuggee, spec) ?? notInModule(name, spec.module);
  const found = symbols.named(name).filter(({ address }) => !moduleAt(debuggee, address));
  if (found.length === 0) {
    const inModule = resolveInModules(debuggee, spec);
    if (inModule) return inModule;
    const labels = await findLocalLabels(debuggee, name);
    const [label] = labels;
    if (label) {
      const addresses = labels.flatMap((one) => one.addresses.map((address) => address + offset));
      return resolved(debuggee, addresses, name, { file: label.file, line: label.line, column: 0 });
    }
    const copies = await resolveCopies(debuggee, name, spec.offset);
    return copies ?? noSuchSymbol(debuggee, name);
  }
  const code = found.filter(({ address }) => isCode(debuggee, address));
  if (code.length === 0)
    return unresolved(`'${name}' is not code: a breakpoint needs a function or a label.`);
  const sized = size === undefined ? code : code.filter((symbol) => BigInt(symbol.size) === size);
  if (size !== undefined && sized.length === 0) {
    return unresolved(
      `'${name}' is ${hex(BigInt(code[0]!.size))} bytes long in this program, not ${hex(size)}: the trace comes from another build.`,
    );
  }
  const inside = sized.filter((symbol) => offset === 0n || offset < BigInt(symbol.size));
  if (inside.length === 0) {
    return unresolved(
      `'${name}' is only ${hex(BigInt(sized[0]!.size))} bytes long: ${hex(offset)} lies beyond its end.`,
    );
  }
  const addresses =
    spec.offset === undefined
      ? [...inside, ...clonesOf(debuggee, name)].map(({ address }) => functionBody(debuggee, address))
      : inside.map(({ address }) => address + offset);
  return resolved(debuggee, addresses, spec.offset === undefined ? name : `${name}+${hex(offset)}`);
}

async function noSuchSymbol(debuggee: Debuggee, name: string): Promise<UnresolvedSpec> {
  const missing = `There is no function or label '${name}' in the program.`;
  // Labels like .Lname are in the sources only.
  const unread = name.startsWith('.') ? await missingAssembly(debuggee) : [];
  const [file] = unread;
  return unresolved(
    file === undefined
      ? `${missing}${didYouMean(name, namesOf(debuggee.program.symbols.symbols))}${mayComeLater(debuggee)}`
      : `${missing} It may be in a source that is not on this machine. ${await debuggee.sources.hint(file)}`,
  );
}

function* namesOf(symbols: readonly ProgramSymbol[]): Iterable<string> {
  for (const { name, kind } of symbols) if (kind === 'function' || kind === 'label') yield name;
}

/** `file` is as a person writes it: a name, the end of a path, or a path on this machine. */
async function resolveFileLine(debuggee: Debuggee, file: string, line: number): Promise<Resolution> {
  const { lines } = debuggee.program;
  if (!lines) return noLineInformation();
  const parts = file.split(/[/\\]/).filter((part) => part !== '' && part !== '.').length;
  const named = lines.files.filter((candidate) => commonSuffixLength(candidate, file) >= parts);
  const files = named.length > 0 ? named : await debuggee.sources.debugPaths(file);
  if (files.length > 0) return resolveInFiles(debuggee, lines, files, line);
  const names = lines.files.map((path) => path.slice(path.lastIndexOf('/') + 1));
  return unresolved(
    `There is no source file '${file}' in the program.${didYouMean(file, names)}${lineMayComeLater(debuggee)}`,
  );
}

/** A header's lines are in all units that include it: in a kernel that takes a while. */
async function searchLines(debuggee: Debuggee, lines: LineTable, files: readonly string[]): Promise<void> {
  for (const file of files) await debuggee.perform(`Searching for the code of ${file}`, lines.search(file));
}

/** The line itself in the files that have code there, else the next line with code in any of them. */
async function resolveInFiles(
  debuggee: Debuggee,
  lines: LineTable,
  files: readonly string[],
  line: number,
): Promise<Resolution> {
  await searchLines(debuggee, lines, files);
  const nextLines = files.map((file) => ({ file, line: lines.lines(file).find((next) => next >= line) }));
  const actual = Math.min(...nextLines.map((next) => next.line ?? Infinity));
  const places = nextLines.filter((next) => next.line === actual);
  const [place] = places;
  if (!place) {
    return unresolved(`No code lies at or below line ${line} of ${files[0]!}: choose a line above.`);
  }
  const addresses = places.flatMap(({ file }) => statements(debuggee, lines.addresses(file, actual)));
  return resolved(debuggee, addresses, `${place.file}:${actual}`, {
    file: place.file,
    line: actual,
    column: 0,
  });
}

/** Of a line with several pieces of code in a function, the first one: the others would stop again and again. */
function statements(debuggee: Debuggee, addresses: readonly bigint[]): readonly bigint[] {
  const first = new Map<bigint, bigint>();
  for (const address of addresses) {
    const home = debuggee.program.symbols.at(address)?.address ?? address;
    if (!first.has(home)) first.set(home, address === home ? functionBody(debuggee, address) : address);
  }
  return [...first.values()];
}

function noLineInformation(): UnresolvedSpec {
  return unresolved(
    'The program has no line information: compile and assemble it with -g, or break on a function or *0xaddress.',
  );
}
