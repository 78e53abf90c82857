/** What people type as an expression: C, with a format behind a comma. */
import { attempt, type ExpressionFailure } from '../../symbols/expression/evaluate';
import { parseUpToComma } from '../../symbols/expression/parse';
import type { Node } from '../../symbols/expression/syntax';
import type { Debuggee } from '../api';
import { parseFormat, type ValueFormat } from '../values/format';

/** An expression as it was typed. */
export interface ParsedText {
  readonly ok: true;
  readonly node: Node;
  /** What is written behind it. */
  readonly format: ValueFormat;
  /** The text without its format. */
  readonly expression: string;
  /** True if it may change something. */
  readonly assigns: boolean;
}

/** Reads what a person typed. Never throws. */
export function parseText(
  text: string,
  debuggee: Debuggee,
  assignments: boolean,
): ParsedText | ExpressionFailure {
  const isType = (name: string) => isTypeName(name, debuggee);
  return attempt(() => {
    const { node, comma, assigns } = parseUpToComma(text, { isType, assignments });
    const format = comma === undefined ? {} : parseFormat(text.slice(comma + 1));
    const expression = text.slice(0, comma).trim();
    if (format) return { ok: true as const, node, format, expression, assigns };
    const message =
      'What is behind the comma is no format: x d u o b c s, or a number of elements as in pointer,[8].';
    return { ok: false as const, message, position: comma! };
  });
}

/** Names of values are asked first: that is quicker than to find that debug information has no such type. */
export function isTypeName(name: string, { program, target }: Debuggee): boolean {
  if (name.startsWith('$') || program.symbols.named(name).length > 0) return false;
  if (target.csrs.some((csr) => csr.name === name)) return false;
  return program.debug?.type(name) !== undefined;
}
