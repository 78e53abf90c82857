/** The labels offered by "Break on Label…": which come first, and how one is shown. */
import { basename } from 'node:path';

/** A place to break on, as the adapter's request `riscvUnwind/labels` gives it. */
export interface Label {
  /** As a function breakpoint takes it. */
  readonly name: string;
  /** Path of the source file, empty if unknown. */
  readonly file: string;
  /** 1-based, 0 if unknown. */
  readonly line: number;
}

/** `entry.S:42`, or nothing when the debug information does not know. */
export function placeOf(label: Label): string {
  // Debug information made on another system may separate with either slash.
  return label.file === '' ? '' : `${basename(label.file.replaceAll('\\', '/'))}:${label.line}`;
}

const isAssembly = (label: Label) => /\.s$/i.test(label.file);

/** Assembly labels first, in the order of their files and lines; then the functions of other languages by name. */
export function sortLabels(labels: readonly Label[]): Label[] {
  return labels.toSorted((a, b) => {
    if (isAssembly(a) !== isAssembly(b)) return isAssembly(a) ? -1 : 1;
    if (!isAssembly(a)) return compare(a.name, b.name);
    return compare(a.file, b.file) || a.line - b.line;
  });
}

/**
 * Labels for what has been typed so far, in the order in which {@link sortLabels} put them, but those that begin with it first.
 * A kernel has 100,000 of them and the quick pick wants a few hundred.
 */
export function matchLabels(sorted: readonly Label[], typed: string, limit: number): Label[] {
  const wanted = typed.trim().toLowerCase();
  const beginning: Label[] = [];
  const containing: Label[] = [];
  for (const label of sorted) {
    const name = label.name.toLowerCase();
    if (name.startsWith(wanted)) beginning.push(label);
    else if (name.includes(wanted) || placeOf(label).toLowerCase().startsWith(wanted)) containing.push(label);
    if (beginning.length >= limit) break;
  }
  return [...beginning, ...containing].slice(0, limit);
}

/**
 * What is meant when a choice is made: the selected label if it fits what was typed, else the first that does, as the list may not have
 * caught up with the typing; else what was typed, such as `symbol+0x10`.
 */
export function chosenLabel(
  sorted: readonly Label[],
  typed: string,
  selected: string | undefined,
): string | undefined {
  const fitting = matchLabels(sorted, typed, Infinity);
  if (fitting.some(({ name }) => name === selected)) return selected;
  return fitting[0]?.name ?? (typed.trim() || undefined);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
