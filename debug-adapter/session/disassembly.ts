/** `disassemble`: the rows of the disassembly view. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { Location } from '../debugger/api';
import { disassemble, type DisassemblyRow } from '../debugger/disassembly';
import { commentsOf, contextRows } from '../debugger/disassembly-comments';
import { locate } from '../debugger/location';
import { hex } from '../unwind/hex';
import { clamp, parsePlace, spaceOf } from './memory';
import type { Handlers } from './protocol/requests';
import type { Sources } from './sources';
import type { SessionState } from './state';

/** Most rows of one response, and furthest that an offset reaches. VS Code asks for some hundred. */
const maxRows = 10_000;

export function disassemblyHandlers(state: SessionState, sources: Sources): Handlers<'disassemble'> {
  return {
    async disassemble(args) {
      const { debuggee, focusedHart } = state;
      const place = parsePlace(args.memoryReference, args.offset);
      const memory = spaceOf(place, focusedHart, debuggee.target);
      const offset = args.instructionOffset ?? 0;
      const skip = offset < 0 ? -clamp(-offset, maxRows) : clamp(offset, maxRows);
      const count = clamp(args.instructionCount, maxRows);
      // The rows before show what the first ones mean: a page of the view may begin between auipc and its addi.
      const seen = disassemble(debuggee, memory, place.address, skip - contextRows, count + contextRows);
      const rows = seen.slice(contextRows);
      const named = args.resolveSymbols !== false;
      const located = seen.map(({ address }) => locate(debuggee, address, memory));
      const comments = named ? commentsOf(seen, located, debuggee, memory).slice(contextRows) : [];

      const instructions: Dap.DisassembledInstruction[] = [];
      let lastLine = '';
      for (const [i, row] of rows.entries()) {
        const location = located[contextRows + i]!;
        const instruction = describe(row, named ? location : undefined, comments[i] ?? '');
        // A location on every row makes VS Code repeat the line on each.
        const { source } = location;
        const line = source ? `${source.file}:${source.line}` : '';
        if (source && line !== lastLine && row.instruction) {
          instruction.location = await sources.sourceOf(source.file);
          instruction.line = state.client.lineOut(source.line);
        }
        if (row.instruction) lastLine = line;
        instructions.push(instruction);
      }
      return { instructions };
    },
  };
}

/** Without a location nothing has a name. */
function describe(
  row: DisassemblyRow,
  location: Location | undefined,
  comment: string,
): Dap.DisassembledInstruction {
  const address = hex(row.address);
  const instructionBytes = Array.from(row.bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  if (!row.instruction) {
    const instruction = row.bytes.length === 0 ? 'not readable' : 'not an instruction';
    return {
      address,
      instruction,
      presentationHint: 'invalid',
      ...(instructionBytes !== '' && { instructionBytes }),
    };
  }
  // VS Code does not show `symbol`, so the label of a row is part of its text.
  const symbol = location?.symbol;
  const label = symbol !== undefined && location?.offset === 0 ? `<${symbol}>: ` : '';
  return {
    address,
    instructionBytes,
    instruction: `${label}${row.instruction.text}${comment === '' ? '' : `  # ${comment}`}`,
    ...(symbol !== undefined && { symbol }),
  };
}
