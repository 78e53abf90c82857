/** Parses expressions into trees, with C's operators and their precedence (C17 6.5). */
import { isTypeWord } from './basic-types';
import type { Argument, Node } from './syntax';
import { ExpressionError } from './tokens';
import type { TokenStream } from './token-stream';
import { parseTypeName, startsTypeName } from './type-names';

export interface ParseOptions {
  /** Decides where C's grammar needs to know: `(name) * x`. A name that is not known may be a type. */
  readonly isType?: (name: string) => boolean;
  /** Whether `a = b` is allowed. */
  readonly assignments?: boolean;
}

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
/** What is an operator behind a value, and begins the operand of a cast behind a type. */
const AMBIGUOUS = new Set(['(', '*', '&', '-', '+']);
/** Nesting beyond this is no expression that a person wrote, and would exhaust the stack. */
const MAX_DEPTH = 100;

/** Takes an expression from a stream of tokens, as far as one goes. */
export class Parser {
  readonly #tokens: TokenStream;
  readonly #options: ParseOptions;
  #depth = 0;
  /** True once an assignment was parsed. */
  assigns = false;

  constructor(tokens: TokenStream, options: ParseOptions) {
    this.#tokens = tokens;
    this.#options = options;
  }

  expression(): Node {
    this.#descend();
    const target = this.#choice();
    const assign = this.#tokens.accept('=');
    let node = target;
    if (assign !== undefined) {
      if (this.#options.assignments !== true) {
        throw new ExpressionError(
          assign.at,
          'Expressions do not assign here: use == to compare, or set the value in the Variables view.',
        );
      }
      this.assigns = true;
      node = { kind: 'assign', at: assign.at, target, value: this.expression() };
    }
    this.#depth--;
    return node;
  }

  #descend(): void {
    if (++this.#depth > MAX_DEPTH)
      throw new ExpressionError(this.#tokens.current.at, 'The expression is nested too deep.');
  }

  #choice(): Node {
    const test = this.#binary(0);
    const question = this.#tokens.accept('?');
    if (question === undefined) return test;
    const yes = this.expression();
    this.#tokens.expect(':', question);
    return { kind: 'choice', at: question.at, test, yes, no: this.expression() };
  }

  #binary(level: number): Node {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    const tokens = this.#tokens;
    let left = this.#binary(level + 1);
    for (let token = tokens.accept(...operators); token; token = tokens.accept(...operators)) {
      left = { kind: 'binary', at: token.at, operator: token.text, left, right: this.#binary(level + 1) };
    }
    return left;
  }

  #unary(): Node {
    this.#descend();
    const node = this.#prefixed();
    this.#depth--;
    return node;
  }

  #prefixed(): Node {
    const token = this.#tokens.accept('-', '+', '~', '!', '*', '&');
    if (token?.text === '*') return { kind: 'dereference', at: token.at, operand: this.#unary() };
    if (token !== undefined) {
      const operator = token.text as '-' | '+' | '~' | '!' | '&';
      return { kind: 'unary', at: token.at, operator, operand: this.#unary() };
    }
    return this.#sizeof() ?? this.#cast() ?? this.#postfix(this.#primary());
  }

  #sizeof(): Node | undefined {
    const { current } = this.#tokens;
    if (current.kind !== 'name' || current.text !== 'sizeof') return undefined;
    this.#tokens.advance();
    const open = this.#tokens.current;
    if (open.text !== '(') return { kind: 'sizeof', at: current.at, of: value(this.#unary()) };
    if (!this.#startsType(1)) {
      const operand = this.#postfix(this.#primary());
      return { kind: 'sizeof', at: current.at, of: value(operand) };
    }
    this.#tokens.advance();
    const type = parseTypeName(this.#tokens);
    this.#tokens.expect(')', open);
    return { kind: 'sizeof', at: current.at, of: { kind: 'type', type } };
  }

  /** `(type)` and `(type *)` before an operand. */
  #cast(): Node | undefined {
    const open = this.#tokens.current;
    if (open.text !== '(' || open.kind !== 'operator') return undefined;
    if (!this.#startsType(1) && !this.#isCastByForm()) return undefined;
    this.#tokens.advance();
    const type = parseTypeName(this.#tokens);
    this.#tokens.expect(')', open);
    return { kind: 'cast', at: open.at, type, operand: this.#unary() };
  }

  /** The words of a type, or a name that is known as one, with what makes it no value: `*` or `)` behind it. */
  #startsType(ahead: number): boolean {
    const tokens = this.#tokens;
    if (startsTypeName(tokens, ahead)) {
      // `u32[address]` in parentheses is a value.
      const type = tokens.text(ahead);
      return !(isTypeWord(type) && tokens.text(ahead + 1) === '[' && tokens.kind(ahead + 2) !== 'number');
    }
    if (tokens.kind(ahead) !== 'name') return false;
    const stars = this.#stars(ahead + 1);
    if (tokens.text(ahead + 1 + stars) !== ')') return false;
    if (stars > 0) return true;
    // To find that there is no such type may take a while: it is asked where both would be an expression.
    return AMBIGUOUS.has(tokens.text(ahead + 2)) && this.#options.isType?.(tokens.text(ahead)) === true;
  }

  /** `(name) name`, `(name) 5`: no value is followed by another. */
  #isCastByForm(): boolean {
    const tokens = this.#tokens;
    if (tokens.kind(1) !== 'name' || tokens.text(2) !== ')') return false;
    const next = tokens.kind(3);
    const isOperand = next === 'name' || next === 'number' || next === 'float' || next === 'string';
    return isOperand || ['~', '!'].includes(tokens.text(3));
  }

  #stars(ahead: number): number {
    let count = 0;
    while (this.#tokens.text(ahead + count) === '*') count++;
    return count;
  }

  #postfix(operand: Node): Node {
    const tokens = this.#tokens;
    let node = operand;
    for (let open = tokens.accept('[', '.', '->'); open; open = tokens.accept('[', '.', '->')) {
      if (open.text === '[') {
        const index = this.expression();
        tokens.expect(']', open);
        node = { kind: 'index', at: open.at, pointer: node, index };
        continue;
      }
      const name = tokens.current;
      if (name.kind !== 'name')
        throw new ExpressionError(name.at, `The name of a member is missing after "${open.text}".`);
      tokens.advance();
      node = membersOf(node, name.at, name.text);
    }
    return node;
  }

  #primary(): Node {
    const tokens = this.#tokens;
    const token = tokens.current;
    if (startsTypeName(tokens, 0)) return this.#typedRead();
    tokens.advance();
    switch (token.kind) {
      case 'number':
      case 'float':
      case 'string':
        return token;
      case 'name':
        return this.#name(token.at, token.text);
      default:
    }
    if (token.text === '(') {
      const inner = this.expression();
      tokens.expect(')', token);
      return inner;
    }
    throw new ExpressionError(
      token.at,
      token.kind === 'end'
        ? 'Something is missing at the end.'
        : `A value is expected before "${token.text}".`,
    );
  }

  /** `u8[address]`. */
  #typedRead(): Node {
    const tokens = this.#tokens;
    const { at } = tokens.current;
    const type = parseTypeName(tokens, false);
    const open = tokens.accept('[');
    if (open === undefined) {
      throw new ExpressionError(
        at,
        `A type alone has no value: write ${type.words}[address] or (${type.words})value.`,
      );
    }
    const address = this.expression();
    tokens.expect(']', open);
    return { kind: 'typed-read', at, type, address };
  }

  #name(at: number, text: string): Node {
    if (!text.startsWith('$')) {
      if (this.#tokens.current.text === '(' && this.#tokens.current.kind === 'operator')
        throw new ExpressionError(at, `Functions of the program, such as ${text}, are not called.`);
      return { kind: 'name', at, name: text };
    }
    const dot = text.indexOf('.');
    const name = text.slice(1, dot < 0 ? undefined : dot);
    if (dot >= 0) return membersOf({ kind: 'dollar', at, name }, at + dot + 1, text.slice(dot + 1));
    const open = this.#tokens.accept('(');
    if (open === undefined) return { kind: 'dollar', at, name };
    const list: Argument[] = [];
    if (this.#tokens.accept(')') === undefined) {
      do list.push(this.#argument());
      while (this.#tokens.accept(',') !== undefined);
      this.#tokens.expect(')', open);
    }
    return { kind: 'call', at, name, arguments: list };
  }

  #argument(): Argument {
    if (startsTypeName(this.#tokens, 0) && this.#tokens.text(1) !== '[')
      return { kind: 'type', type: parseTypeName(this.#tokens) };
    return value(this.expression());
  }
}

function value(node: Node): Argument {
  return { kind: 'value', node };
}

/** `names` has dots between the names of members. */
function membersOf(operand: Node, at: number, names: string): Node {
  let node = operand;
  let position = at;
  for (const member of names.split('.')) {
    node = { kind: 'member', at: position, operand: node, member };
    position += member.length + 1;
  }
  return node;
}
