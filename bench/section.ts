import type { Finding } from './requirements';

/** What a part of the benchmark has to say. */
export interface Section {
  readonly title: string;
  /** Paragraphs and tables, in Markdown. */
  readonly blocks: readonly string[];
  /** What the requirements are about. */
  readonly findings: readonly Finding[];
}

/** A part that could not be measured, for a reason that ends a sentence. */
export function skipped(title: string, reason: string): Section {
  return { title, blocks: [`Not measured: ${reason}.`], findings: [] };
}
