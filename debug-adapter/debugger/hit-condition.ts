/** When a breakpoint that is hit again and again stops: `5`, `== 5`, `>= 5`, `% 5`. */

/**
 * 1. Comparison; none is `==`
 * 2. Count, decimal
 */
const pattern = /^\s*(==?|>=?|<=?|%)?\s*(\d{1,15})\s*$/;

export type HitCondition = (hits: number) => boolean;

/** `undefined` for what is no hit condition. `hits` counts from 1 and includes the hit at hand. */
export function parseHitCondition(text: string): HitCondition | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const count = Number(match[2]);
  switch (match[1]) {
    case '>':
      return (hits) => hits > count;
    case '>=':
      return (hits) => hits >= count;
    case '<':
      return (hits) => hits < count;
    case '<=':
      return (hits) => hits <= count;
    case '%':
      return count === 0 ? undefined : (hits) => hits % count === 0;
    default:
      return (hits) => hits === count;
  }
}

/** What to tell somebody whose hit condition is none. */
export function hitConditionHint(text: string): string {
  return `'${text}' is no hit count: write a number (stops at that hit), or one after >, >=, <, <= or % (every n-th).`;
}
