/** Parses the names of types: `unsigned long`, `const struct list_head *`, `pid_t`, `u32 [4]`, `void (*)(int)`. */
import { isTypeWord } from './basic-types';
import type { TypeName } from './syntax';
import { ExpressionError } from './tokens';
import type { TokenStream } from './token-stream';

const TAGS = new Set(['struct', 'union', 'enum']);
const QUALIFIERS = new Set(['const', 'volatile', 'restrict', '__restrict', '_Atomic']);

/** True if the words there begin a type whatever else is declared. */
export function startsTypeName(tokens: TokenStream, ahead: number): boolean {
  const text = tokens.text(ahead);
  return tokens.kind(ahead) === 'name' && (isTypeWord(text) || TAGS.has(text) || QUALIFIERS.has(text));
}

/**
 * @param derived false for the words alone
 * @throws ExpressionError
 */
export function parseTypeName(tokens: TokenStream, derived = true): TypeName {
  const { at } = tokens.current;
  const words = specifiers(tokens);
  return { at, words, derived: derived ? declarator(tokens) : [] };
}

function specifiers(tokens: TokenStream): string {
  skipQualifiers(tokens);
  const first = tokens.current;
  if (first.kind !== 'name') throw new ExpressionError(first.at, 'The name of a type is expected here.');
  tokens.advance();
  const words = [first.text];
  if (TAGS.has(first.text)) {
    const tag = tokens.current;
    if (tag.kind !== 'name')
      throw new ExpressionError(tag.at, `The name of the ${first.text} is missing after "${first.text}".`);
    tokens.advance();
    words.push(tag.text);
  } else if (isTypeWord(first.text)) {
    for (;;) {
      skipQualifiers(tokens);
      if (tokens.current.kind !== 'name' || !isTypeWord(tokens.current.text)) break;
      words.push(tokens.current.text);
      tokens.advance();
    }
  }
  skipQualifiers(tokens);
  return words.join(' ');
}

function declarator(tokens: TokenStream): TypeName['derived'] {
  const derived: TypeName['derived'][number][] = [];
  while (tokens.accept('*') !== undefined) {
    derived.push('*');
    skipQualifiers(tokens);
  }
  if (tokens.text(0) === '(' && tokens.text(1) === '*' && tokens.text(2) === ')') {
    for (let n = 0; n < 3; n++) tokens.advance();
    // A pointer to what follows: a function, or an array.
    if (tokens.text(0) === '(') {
      skipParameters(tokens);
      return [...derived, 'function', '*'];
    }
    return [...derived, ...dimensions(tokens), '*'];
  }
  return [...derived, ...dimensions(tokens)];
}

/** `[2][3]`, the innermost first: two elements, each of which has three. */
function dimensions(tokens: TokenStream): readonly number[] {
  const counts: number[] = [];
  for (let open = tokens.accept('['); open; open = tokens.accept('[')) {
    const count = tokens.current;
    if (count.kind !== 'number' || count.value > 0x7fff_ffffn)
      throw new ExpressionError(count.at, 'The number of elements is expected here.');
    tokens.advance();
    tokens.expect(']', open);
    counts.unshift(Number(count.value));
  }
  return counts;
}

function skipParameters(tokens: TokenStream): void {
  const open = tokens.current;
  let depth = 0;
  do {
    if (tokens.current.kind === 'end') tokens.expect(')', open);
    if (tokens.current.text === '(') depth++;
    if (tokens.current.text === ')') depth--;
    tokens.advance();
  } while (depth > 0);
}

function skipQualifiers(tokens: TokenStream): void {
  while (tokens.current.kind === 'name' && QUALIFIERS.has(tokens.current.text)) tokens.advance();
}

/** True for a text that begins as only a type does: `struct page`, `unsigned long`. */
export function startsWithTypeWord(text: string): boolean {
  const [word] = /^\w+/.exec(text.trim()) ?? [''];
  return isTypeWord(word) || TAGS.has(word) || QUALIFIERS.has(word);
}
