/**
 * The condition of an exception filter: `load page fault, store page fault`, `13`, `timer if $tval == 0`, or an expression alone. A name
 * need not be whole: `page faults` and `timer` mean all causes whose names have these words.
 */
import type { Catchable } from './catchables';
import { syntaxError } from './expressions';
import { didYouMean } from './nearest';

type CatchCondition =
  | {
      readonly ok: true;
      readonly chosen: readonly Catchable[];
      /** They are called by name, and are not those of a filter without names. */
      readonly isNamed: boolean;
      /** Evaluated when one of the chosen happens; `undefined` for always. */
      readonly expression: string | undefined;
    }
  /** `message` is a sentence that says what can be written. */
  | { readonly ok: false; readonly message: string };

/** So many names are listed to somebody who has written another one; of more, those that resemble it. */
const mostListed = 30;

/**
 * `text` is what a person wrote, if anything. `isRegister` tells if a lone word is a value: `a0` is an expression, `timr` is a mistake, and so is 14.
 */
export function parseCatchCondition(
  text: string | undefined,
  among: readonly Catchable[],
  isRegister: (word: string) => boolean,
): CatchCondition {
  const defaults = among.filter(({ byDefault }) => byDefault);
  const given = text?.trim() ?? '';
  if (given === '') return { ok: true, chosen: defaults, isNamed: false, expression: undefined };
  const { names, expression } = divide(given);
  const mistake = expression === undefined ? undefined : syntaxError(expression);
  if (mistake !== undefined) return { ok: false, message: `The condition '${expression ?? ''}': ${mistake}` };
  if (names === undefined) return { ok: true, chosen: defaults, isNamed: false, expression };

  const items = names.split(',').map((item) => item.trim());
  const found = items.map((item) => choose(item, among));
  const unknown = items.filter((_, index) => found[index]!.length === 0);
  if (unknown.length === 0)
    return { ok: true, chosen: [...new Set(found.flat())], isNamed: true, expression };
  const isExpression =
    expression === undefined &&
    unknown.length === items.length &&
    (!/^\w+$/.test(given) || isRegister(given));
  if (!isExpression) return { ok: false, message: whatToWrite(unknown[0]!, among) };
  const wrong = syntaxError(given);
  if (wrong === undefined) return { ok: true, chosen: defaults, isNamed: false, expression: given };
  const reason = isPhrase(given) ? '' : ` As an expression: ${wrong}`;
  return { ok: false, message: `${whatToWrite(given, among)}${reason}` };
}

/** Expressions have no word `if`. */
function divide(text: string): {
  readonly names: string | undefined;
  readonly expression: string | undefined;
} {
  const match = /^(?:(.*?)\s+)?if\s+(.*)$/is.exec(text);
  return match ? { names: match[1], expression: match[2]! } : { names: text, expression: undefined };
}

/** The one of that name or number, else all whose names have the words. */
function choose(item: string, among: readonly Catchable[]): readonly Catchable[] {
  const number = /^(0x[\da-f]{1,4}|\d{1,5})$/i.test(item) ? Number(item) : undefined;
  if (number !== undefined) return among.filter((one) => one.number === number);
  const words = wordsOf(item);
  if (words.length === 0) return [];
  const exact = among.filter(({ name }) => wordsOf(name).join(' ') === words.join(' '));
  if (exact.length > 0) return exact;
  return among.filter(({ name }) => words.every((word) => wordsOf(name).includes(word)));
}

/** Without regard to case, plurals, and what people leave out of the manual's names. */
function wordsOf(name: string): readonly string[] {
  return name
    .toLowerCase()
    .replaceAll('environment call', 'ecall')
    .replaceAll('store/amo', 'store')
    .replace(/\b([usm])-mode\b/g, '$1')
    .split(/[^\w-]+/)
    .map((word) => word.replace(/s$/, ''))
    .filter((word) => word !== '' && word !== 'interrupt');
}

const isPhrase = (text: string): boolean => /^[a-z_][\w ,/-]*$/i.test(text);

function whatToWrite(written: string, among: readonly Catchable[]): string {
  const names = among.map(({ name }) => name);
  const listed = names.length <= mostListed ? names : names.filter((name) => name.includes(written));
  const list = listed.length === 0 ? '' : ` Names are: ${listed.slice(0, mostListed).join(', ')}.`;
  return `'${written}' is none of the names that this filter knows.${didYouMean(written, names)}${list} Write names, an expression such as $tval < 4096, or both: NAMES if EXPRESSION.`;
}
