/** The command `x` of the debug console. */
import { disassemble } from '../../debugger/disassembly';
import { formatLocation, locate } from '../../debugger/location';
import { placeText, readPlace, splitPlace, type MemoryPlace } from '../../debugger/memory-place';
import { hex } from '../../unwind/hex';
import { badExpression } from '../errors';
import { spaceOf } from '../memory';
import type { SelectedFrame } from '../call-stacks';
import type { SessionState } from '../state';
import { examine, parseFormat } from './examine';
import { evaluateOrThrow } from './expressions';
import type { HartCommand } from './hart-commands';

export const memoryCommands: readonly HartCommand[] = [
  {
    names: ['x'],
    usage: 'x/8gx ADDRESS',
    help: 'memory at an address, or phys:ADDRESS; count, size b h w g, format x hexadecimal, d decimal, s text, i instructions',
    run(args, frame, state) {
      const [, format, expression] = /^(?:\/(\w+) ?)?(.*)$/.exec(args) ?? [];
      if (expression === undefined || expression === '') return undefined;
      return examineCommand(format ?? '', expression, frame(), state);
    },
  },
];

/** A place that the user has written: an expression, with `phys:` before it or not. */
export function placeOf(text: string, frame: SelectedFrame, { debuggee }: SessionState): MemoryPlace {
  const { space, rest } = splitPlace(text);
  return { space, address: evaluateOrThrow(rest, frame, debuggee) };
}

function examineCommand(
  format: string,
  expression: string,
  frame: SelectedFrame,
  state: SessionState,
): string {
  const parsed = parseFormat(format);
  if (!parsed) {
    throw badExpression(
      `'/${format}' is no format: write a count, a size (b h w g) and a format (x d s i), as in x/8gx.`,
    );
  }
  const { debuggee } = state;
  const { hart } = frame;
  const place = placeOf(expression, frame, state);
  const { space, address } = place;
  if (parsed.style !== 'i') {
    return examine(
      parsed,
      address,
      (at, length) => readPlace({ space, address: at }, length, hart, debuggee.target),
      (at) => placeText({ space, address: at }),
    );
  }
  const memory = spaceOf(place, hart, debuggee.target);
  return disassemble(debuggee, memory, address, 0, parsed.count)
    .map((row) => {
      const where = formatLocation(locate(debuggee, row.address, memory));
      return `${hex(row.address)} <${where}>: ${row.instruction?.text ?? 'no instruction can be read here'}`;
    })
    .join('\n');
}
