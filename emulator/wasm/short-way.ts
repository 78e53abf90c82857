import type { ShortWay } from '../isa/semantics';
import type { I64, Local, Statement } from './expression';
import { i32, ifElse, sequence, valueAfter } from './expression';
import { temporaries, zero } from './frame';

type Temporary = Local<I64>;

/** A floating-point operation by its short way where that is right, else the long one. Short ways bind nothing themselves. */
export function shortOrLong(way: ShortWay, long: Statement): Statement {
  const [a, b, c, result] = temporaries as [Temporary, Temporary, Temporary, Temporary];
  const operands = [a.get, b.get, c.get] as const;
  const certain = way.certain?.(result.get, ...operands) ?? i32.constant(1);
  return sequence(
    ...way.operands.map((operand, index) => temporaries[index]!.set(operand)),
    ifElse(
      i32.choose(
        way.possible(...operands.slice(0, way.operands.length)),
        valueAfter(result.set(way.result(...operands)), certain),
        zero,
      ),
      way.write(result.get),
      long,
    ),
  );
}
