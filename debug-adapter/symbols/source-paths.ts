/**
 * Paths of the debug information ↔ paths of files on this machine. Only paths: which of the files exist is another's
 * to find out. Windows paths are compared with `/` between their parts.
 */
import { joinPath, normalisePath } from './paths';

/** Prefix of a path in the debug information → prefix on this machine. */
type PrefixMap = Readonly<Record<string, string>>;

const withoutSlash = (path: string) => (path.length > 1 ? path.replace(/\/+$/, '') : path);

/** `path` with `from` at its start replaced by `to`, if `from` ends at a boundary between parts. */
function replacePrefix(path: string, from: string, to: string): string | undefined {
  const prefix = withoutSlash(normalisePath(from));
  if (path === prefix) return normalisePath(to);
  const start = prefix === '/' ? '/' : `${prefix}/`;
  return path.startsWith(start) ? joinPath(to, path.slice(start.length)) : undefined;
}

/** The map's entries, the longest prefix first: the most specific one is meant. */
function byLength(map: PrefixMap, length: (entry: readonly [string, string]) => number): [string, string][] {
  return Object.entries(map).sort((a, b) => length(b) - length(a));
}

/**
 * Where on this machine a file of the debug information may be, the most certain place first: by `sourceFileMap`, at
 * the path itself, with its directories mapped onto `folders` (`/build/linux/kernel/fork.c` → `folder/linux/kernel/fork.c`,
 * `folder/kernel/fork.c`, …; the longest suffix first, over all folders). The bare name in a folder comes last.
 */
export function candidates(debugPath: string, map: PrefixMap, folders: readonly string[]): readonly string[] {
  const path = normalisePath(debugPath);
  const found = new Set<string>();
  for (const [from, to] of byLength(map, ([key]) => key.length)) {
    const mapped = replacePrefix(path, from, to);
    if (mapped !== undefined) found.add(mapped);
  }
  found.add(path);
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  for (let from = 0; from < parts.length; from++) {
    for (const folder of folders) found.add(joinPath(folder, parts.slice(from).join('/')));
  }
  return [...found];
}

/** Number of parts that two paths share at their ends. */
export function commonSuffixLength(a: string, b: string): number {
  const [left, right] = [a, b].map((path) => path.replaceAll('\\', '/').split('/').reverse());
  let length = 0;
  while (length < left!.length && left![length] !== '' && left![length] === right![length]) length++;
  return length;
}

/** Parts of a path that must agree where it has so many: a name alone (`main.c`, `head.S`) may be anybody's. */
const FEWEST_SHARED_PARTS = 2;

/**
 * The file that shares the longest end with a path of the debug information, at least its name and its directory's. Of
 * several equally good ones, or if only the name is the same, none is: `undefined`, and they are in `ambiguous`.
 */
export function longestSuffixMatch(
  debugPath: string,
  files: readonly string[],
): { readonly file: string | undefined; readonly ambiguous: readonly string[] } {
  let best: string[] = [];
  let longest = 1;
  for (const file of files) {
    const length = commonSuffixLength(debugPath, file);
    if (length < longest) continue;
    if (length > longest) best = [];
    longest = length;
    best.push(file);
  }
  const depth = normalisePath(debugPath)
    .split('/')
    .filter((part) => part !== '').length;
  const certain = best.length === 1 && (longest >= FEWEST_SHARED_PARTS || depth <= FEWEST_SHARED_PARTS);
  return certain ? { file: best[0], ambiguous: [] } : { file: undefined, ambiguous: best };
}

/**
 * The paths of the debug information that a file on this machine stands for: by `sourceFileMap` backwards, the path
 * itself, else those that share its longest end. Several, if one source was compiled under several names.
 */
export function debugPathsFor(
  file: string,
  map: PrefixMap,
  debugPaths: readonly string[],
): readonly string[] {
  const path = normalisePath(file);
  const known = new Set(debugPaths);
  const mapped = byLength(map, ([, to]) => to.length)
    .map(([from, to]) => replacePrefix(path, to, from))
    .filter((candidate) => candidate !== undefined && known.has(candidate)) as string[];
  if (mapped.length > 0) return [...new Set(mapped)];
  if (known.has(path)) return [path];
  let best: string[] = [];
  let longest = 1;
  for (const debugPath of debugPaths) {
    const length = commonSuffixLength(debugPath, path);
    if (length < longest) continue;
    if (length > longest) best = [];
    longest = length;
    best.push(debugPath);
  }
  return best;
}

/**
 * A sentence for a source that was not found. With `example`, a file of the same name on this machine, it names the
 * prefix to map; otherwise the directory of the debug information is what has to be mapped.
 */
export function mappingHint(debugPath: string, example?: string): string {
  const path = normalisePath(debugPath);
  const shared = example === undefined ? 1 : commonSuffixLength(path, example);
  const cut = (whole: string) =>
    whole.replaceAll('\\', '/').split('/').slice(0, -Math.max(1, shared)).join('/') || '/';
  const to = example === undefined ? 'the folder that has it here' : JSON.stringify(cut(example));
  return `${path} was not found: add ${JSON.stringify(cut(path))}: ${to} to "sourceFileMap".`;
}
