/** Parses expressions into trees, with C's operators and their precedence (C17 6.5). */
import { isTypeWord, typeOfWords, type IntegerType } from './integers';
import { ExpressionError, tokenise, type Token } from './tokens';

/** `at` is the position that an error about the node points to. */
export type Node = { readonly at: number } & (
  | { readonly kind: 'number'; readonly value: bigint; readonly unsigned: boolean }
  /** `a0`, `handle_exception`. */
  | { readonly kind: 'name'; readonly name: string }
  /** `$a0`: a register and nothing else. */
  | { readonly kind: 'register'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly kind: 'choice'; readonly test: Node; readonly yes: Node; readonly no: Node }
  /** `(u32)x`, `(u32 *)x`. */
  | { readonly kind: 'cast'; readonly type: IntegerType; readonly pointer: boolean; readonly operand: Node }
  | { readonly kind: 'dereference'; readonly operand: Node }
  /** `u8[address]`. */
  | { readonly kind: 'typed-read'; readonly type: IntegerType; readonly address: Node }
  /** `pointer[index]`. */
  | { readonly kind: 'index'; readonly pointer: Node; readonly index: Node }
);

/** Binary operators, the loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
/** Nesting beyond this is no expression that a person wrote, and would exhaust the stack. */
const MAX_DEPTH = 100;

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get #token(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)]!;
  }

  #accept(...operators: string[]): Token | undefined {
    const token = this.#token;
    if (token.kind !== 'operator' || !operators.includes(token.text)) return undefined;
    this.#next++;
    return token;
  }

  #expect(operator: string, after: Token): void {
    if (this.#accept(operator) !== undefined) return;
    const { at } = this.#token;
    throw new ExpressionError(at, `"${operator}" is missing: "${after.text}" was opened and not closed.`);
  }

  whole(): Node {
    const node = this.#expression();
    const { kind, at, text } = this.#token;
    if (kind !== 'end')
      throw new ExpressionError(at, `"${text}" is not expected here: an operator is missing.`);
    return node;
  }

  #expression(): Node {
    if (++this.#depth > MAX_DEPTH)
      throw new ExpressionError(this.#token.at, 'The expression is nested too deep.');
    const test = this.#binary(0);
    const question = this.#accept('?');
    let node = test;
    if (question !== undefined) {
      const yes = this.#expression();
      this.#expect(':', question);
      node = { kind: 'choice', at: question.at, test, yes, no: this.#expression() };
    }
    this.#depth--;
    return node;
  }

  #binary(level: number): Node {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (let token = this.#accept(...operators); token; token = this.#accept(...operators)) {
      left = { kind: 'binary', at: token.at, operator: token.text, left, right: this.#binary(level + 1) };
    }
    return left;
  }

  #unary(): Node {
    if (++this.#depth > MAX_DEPTH)
      throw new ExpressionError(this.#token.at, 'The expression is nested too deep.');
    const node = this.#prefixed();
    this.#depth--;
    return node;
  }

  #prefixed(): Node {
    const token = this.#accept('-', '+', '~', '!', '*', '&');
    if (token?.text === '*') return { kind: 'dereference', at: token.at, operand: this.#unary() };
    if (token !== undefined) {
      return { kind: 'unary', at: token.at, operator: token.text, operand: this.#unary() };
    }
    return this.#cast() ?? this.#postfix();
  }

  /** `(type)` and `(type *)` before an operand. */
  #cast(): Node | undefined {
    const open = this.#token;
    const word = this.#tokens[this.#next + 1];
    if (open.text !== '(' || word?.kind !== 'name' || !isTypeWord(word.text)) return undefined;
    this.#next++;
    const type = this.#type();
    const pointer = this.#accept('*') !== undefined;
    this.#expect(')', open);
    return { kind: 'cast', at: open.at, type, pointer, operand: this.#unary() };
  }

  #type(): IntegerType {
    const first = this.#token;
    const words: string[] = [];
    for (; this.#token.kind === 'name' && isTypeWord(this.#token.text); this.#next++)
      words.push(this.#token.text);
    const type = typeOfWords(words);
    if (type === undefined) throw new ExpressionError(first.at, `"${words.join(' ')}" is not a type.`);
    return type;
  }

  #postfix(): Node {
    let node = this.#primary();
    for (let open = this.#accept('['); open; open = this.#accept('[')) {
      const index = this.#expression();
      this.#expect(']', open);
      node = { kind: 'index', at: open.at, pointer: node, index };
    }
    return node;
  }

  #primary(): Node {
    const token = this.#token;
    if (token.kind === 'name' && isTypeWord(token.text)) {
      const type = this.#type();
      const open = this.#accept('[');
      if (open === undefined) {
        throw new ExpressionError(
          token.at,
          `A type alone has no value: write ${token.text}[address] or (${token.text})value.`,
        );
      }
      const address = this.#expression();
      this.#expect(']', open);
      return { kind: 'typed-read', at: token.at, type, address };
    }
    this.#next++;
    if (token.kind === 'number') return { ...token, kind: 'number' };
    if (token.kind === 'name') {
      return token.text.startsWith('$')
        ? { kind: 'register', at: token.at, name: token.text.slice(1) }
        : { kind: 'name', at: token.at, name: token.text };
    }
    if (token.text === '(') {
      const inner = this.#expression();
      this.#expect(')', token);
      return inner;
    }
    throw new ExpressionError(
      token.at,
      token.kind === 'end'
        ? 'Something is missing at the end.'
        : `A value is expected before "${token.text}".`,
    );
  }
}

/** @throws ExpressionError */
export function parseExpression(text: string): Node {
  return new Parser(tokenise(text)).whole();
}
