/** What a member is selected of, in a line that is being typed. */

const closing: Readonly<Record<string, string>> = { ')': '(', ']': '[' };

/** `task->mm` of `1 + task->mm->mm_`; `undefined` if the text ends in no member. */
export function operandBefore(text: string): string | undefined {
  const selector = /(?:\.|->)\w*$/.exec(text);
  if (!selector) return undefined;
  const end = selector.index;
  let start = end;
  while (start > 0) {
    const character = text[start - 1]!;
    if (/[\w$.]/.test(character)) start--;
    else if (text.slice(start - 2, start) === '->') start -= 2;
    else if (closing[character] !== undefined) start = opening(text, start - 1);
    else break;
  }
  const operand = text.slice(Math.max(0, start), end);
  return operand === '' ? undefined : operand;
}

/** Where the bracket opens that closes at `at`; -1 if none does. */
function opening(text: string, at: number): number {
  let depth = 0;
  for (let index = at; index >= 0; index--) {
    const character = text[index]!;
    if (character === ')' || character === ']') depth++;
    if (character === '(' || character === '[') depth--;
    if (depth === 0) return index;
  }
  return -1;
}
