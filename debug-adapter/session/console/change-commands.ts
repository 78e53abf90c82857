/** `condition`, `ignore`, `enable` and `disable` of the debug console, by gdb's names. */
import type { BreakpointChanges } from '../breakpoints/breakpoint-changes';
import { badExpression } from '../errors';
import type { Command, CommandFamily } from './command';

const changeCommands: readonly Command[] = [
  {
    names: ['condition'],
    usage: 'condition N [EXPR]',
    help: 'stop at breakpoint N, of any kind, where EXPR is true; without EXPR: always',
  },
  { names: ['ignore'], usage: 'ignore N COUNT', help: 'pass the next hits of breakpoint N' },
  {
    names: ['disable'],
    usage: 'disable [N …]',
    help: 'switch breakpoints off until they are enabled: 1 3-5; all without numbers',
  },
  { names: ['enable'], usage: 'enable [N …]', help: 'switch them on again' },
];

/**
 * Variables may have these names: with an operator behind it, or alone where that is no command, a name is an expression.
 *
 * 1. Command on one breakpoint
 * 2. Command on several
 * 3. What follows
 */
const pattern = /^(?:(condition|ignore)|(enable|disable))(?: (\w.*))?$/s;

export function changeFamily(changes: BreakpointChanges): CommandFamily {
  return { commands: changeCommands, run: (line) => runChangeCommand(line, changes) };
}

function runChangeCommand(line: string, changes: BreakpointChanges): Promise<string> | string | undefined {
  const [, one, some, rest] = pattern.exec(line) ?? [];
  if (some !== undefined) return changes.setEnabled(rest ?? '', some === 'enable');
  if (one === undefined || rest === undefined) return undefined;
  const [, number, argument] = /^(\d{1,9})(?: (.+))?$/s.exec(rest) ?? [];
  if (one === 'condition') {
    if (number === undefined)
      throw badExpression('Write which breakpoint, and when it stops: condition N EXPR.');
    return changes.setCondition(number, argument);
  }
  const count = /^\d{1,9}$/.exec(argument ?? '')?.[0];
  if (number === undefined || count === undefined)
    throw badExpression('Write which breakpoint, and how many hits it ignores: ignore N COUNT.');
  return changes.ignore(number, Number(count));
}
