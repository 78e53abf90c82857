/** Paths as debug information has them: POSIX ones mostly, Windows ones where a cross compiler ran there. */

function isAbsolutePath(path: string): boolean {
  return /^(\/|[A-Za-z]:[\\/])/.test(path);
}

/** `path` without `.`, `..` and doubled slashes, with `/` between its parts if it is a Windows path. */
export function normalisePath(path: string): string {
  const unified = /^[A-Za-z]:[\\/]/.test(path) ? path.replaceAll('\\', '/') : path;
  if (!/(^|\/)\.{0,2}(\/|$)/.test(unified)) return unified;
  const absolute = isAbsolutePath(unified);
  const parts: string[] = [];
  for (const part of unified.split('/')) {
    if (part === '' || part === '.') continue;
    const last = parts.at(-1);
    if (part !== '..') parts.push(part);
    else if (last !== undefined && last !== '..' && !last.endsWith(':')) parts.pop();
    else if (!absolute) parts.push(part);
  }
  return (unified.startsWith('/') ? '/' : '') + parts.join('/');
}

/** `path` as seen from `directory`, normalised. */
export function joinPath(directory: string, path: string): string {
  if (directory === '' || isAbsolutePath(path)) return normalisePath(path);
  return normalisePath(path === '' ? directory : `${directory}/${path}`);
}
