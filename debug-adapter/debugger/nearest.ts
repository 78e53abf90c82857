/** What a mistyped name was likely meant to be. */
function nearest(typed: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let distance = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - typed.length) >= distance && !name.startsWith(typed)) continue;
    const found = name.startsWith(typed) ? 1 : editDistance(typed, name);
    if (found >= distance) continue;
    best = name;
    distance = found;
  }
  return best;
}

/** ` Did you mean 'name'?`, or nothing; to be put behind a sentence. */
export function didYouMean(typed: string, names: Iterable<string>): string {
  const name = nearest(typed, names);
  return name === undefined ? '' : ` Did you mean '${name}'?`;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
