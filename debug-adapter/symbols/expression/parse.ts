/** Texts as trees: an expression with what may follow it, or a type. */
import { Parser, type ParseOptions } from './parser';
import type { Node, TypeName } from './syntax';
import { TokenStream } from './token-stream';
import { ExpressionError } from './tokens';
import { parseTypeName } from './type-names';

/** A parsed expression, and what follows it: nothing, or from a comma on. */
export interface Parsed {
  readonly node: Node;
  /** Position of the comma; `undefined` if there is none. */
  readonly comma: number | undefined;
  /** True if it has an assignment in it. */
  readonly assigns: boolean;
}

/** The expression at the beginning of a text, up to its end or a comma. @throws ExpressionError */
export function parseUpToComma(text: string, options: ParseOptions = {}): Parsed {
  const tokens = new TokenStream(text);
  const parser = new Parser(tokens, options);
  const node = parser.expression();
  const { assigns } = parser;
  const { kind, at, text: next } = tokens.current;
  if (kind === 'end') return { node, comma: undefined, assigns };
  if (kind === 'operator' && next === ',') return { node, comma: at, assigns };
  throw new ExpressionError(at, `"${next}" is not expected here: an operator is missing.`);
}

/** @throws ExpressionError */
export function parseExpression(text: string, options: ParseOptions = {}): Node {
  const { node, comma } = parseUpToComma(text, options);
  if (comma !== undefined)
    throw new ExpressionError(comma, '"," is not expected here: an operator is missing.');
  return node;
}

/** A text that is a type and nothing else; `undefined` if its form is another. */
export function parseWholeType(text: string): TypeName | undefined {
  try {
    const tokens = new TokenStream(text);
    const type = parseTypeName(tokens);
    const { kind } = tokens.current;
    return kind === 'end' ? type : undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
