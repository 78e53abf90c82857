/** How a value is to be shown, as written behind an expression: `x,x`, `flags,b`, `pointer,[8]`. */
import type { ExpressionValue } from '../../symbols/expression/evaluate';
import { arrayOf, plain } from '../../symbols/expression/types';

export type NumberFormat = 'x' | 'd' | 'u' | 'o' | 'b' | 'c' | 's';

export interface ValueFormat {
  /** Of the numbers in it; `s`: what it points to, or begins with, as text. */
  readonly number?: NumberFormat;
  /** A pointer is shown as so many elements. */
  readonly count?: number;
}

/** Far more than anybody reads; a mistyped number must not read all memory. */
const mostElements = 1 << 20;

/** `undefined` for what is no format. */
export function parseFormat(text: string): ValueFormat | undefined {
  const format = text.trim();
  if (format === '') return undefined;
  if (/^[xduobcs]$/.test(format)) return { number: format as NumberFormat };
  const count = /^(?:\[(\d{1,7})\]|(\d{1,7}))([xduobcs])?$/.exec(format);
  if (!count) return undefined;
  const number = count[3] as NumberFormat | undefined;
  return {
    count: Math.min(Number(count[1] ?? count[2]), mostElements),
    ...(number !== undefined && { number }),
  };
}

/** The elements from a pointer on, where a format asks for them; any other value as it is. */
export function withCount(value: ExpressionValue, { count }: ValueFormat): ExpressionValue {
  const type = plain(value.type);
  if (count === undefined || typeof value.scalar !== 'bigint') return value;
  const element = type.kind === 'pointer' ? type.target : type.kind === 'array' ? type.element : undefined;
  if (!element) return value;
  return {
    ...value,
    type: arrayOf(element, count),
    place: { kind: 'memory', address: value.scalar },
  };
}
