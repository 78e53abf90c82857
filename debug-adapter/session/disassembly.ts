/** `disassemble`: the rows of the disassembly view. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { Location } from '../debugger/api';
import { disassemble, type DisassemblyRow } from '../debugger/disassembly';
import { locate } from '../debugger/location';
import { hex } from '../unwind/hex';
import { clamp, parseMemoryReference } from './memory';
import type { Handlers } from './protocol/requests';
import type { Sources } from './sources';
import type { SessionState } from './state';
import { symbolOf } from '../debugger/symbolic';

/** Most rows of one response, and furthest that an offset reaches. VS Code asks for some hundred. */
const maxRows = 10_000;

export function disassemblyHandlers(state: SessionState, sources: Sources): Handlers<'disassemble'> {
  return {
    async disassemble(args) {
      const { debuggee, focusedHart } = state;
      const address = parseMemoryReference(args.memoryReference, args.offset);
      const offset = args.instructionOffset ?? 0;
      const skip = offset < 0 ? -clamp(-offset, maxRows) : clamp(offset, maxRows);
      const rows = disassemble(debuggee, focusedHart, address, skip, clamp(args.instructionCount, maxRows));

      const instructions: Dap.DisassembledInstruction[] = [];
      let lastLine = '';
      for (const row of rows) {
        const location = locate(debuggee, row.address, { bare: focusedHart.bare });
        const target = row.instruction?.target;
        const destination = target === undefined ? undefined : symbolOf(target, focusedHart, debuggee);
        const instruction = describe(row, location, destination);
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

function describe(
  row: DisassemblyRow,
  location: Location,
  destination: string | undefined,
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
  const label = location.symbol !== undefined && location.offset === 0 ? `<${location.symbol}>: ` : '';
  return {
    address,
    instructionBytes,
    instruction: `${label}${row.instruction.text}${destination === undefined ? '' : ` <${destination}>`}`,
    ...(location.symbol !== undefined && { symbol: location.symbol }),
  };
}
