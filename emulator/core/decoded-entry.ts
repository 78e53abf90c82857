import type { Decoded } from '../isa/decode';
import { decode, instructionLength } from '../isa/decode';
import type { ExtensionSet } from '../isa/extensions';
import { isRelative } from '../isa/flow';
import { Handler, handlerOf } from '../wasm/handlers';
import { Entry, State } from '../wasm/layout';
import { PAGE_SIZE } from './guest-memory';

/**
 * Writes a decoded entry. `offset` is the instruction's place in its page; without it the entry is a one-off, which
 * no branch may take as a starting point.
 */
export function writeEntry(
  view: DataView,
  entry: number,
  bits: number,
  extensions: ExtensionSet,
  offset?: number,
): void {
  const decoded = decode(bits, extensions);
  view.setInt32(entry + Entry.bits, instructionLength(bits) === 2 ? bits & 0xffff : bits | 0, true);
  if (!decoded) {
    view.setUint16(entry + Entry.handler, Handler.illegal, true);
    return;
  }
  const { rd = 0, rs1 = 0, rs2 = 0, frd, frs1, frs2 } = decoded.fields;
  const { far, immediate } = immediateOf(decoded, extensions, offset);
  view.setUint16(entry + Entry.handler, handlerOf(decoded, far), true);
  view.setUint16(entry + Entry.rd, frd === undefined && rd === 0 ? State.sink : (frd ?? rd) * 8, true);
  view.setUint16(entry + Entry.rs1, (frs1 ?? rs1) * 8, true);
  view.setUint16(entry + Entry.rs2, (frs2 ?? rs2) * 8, true);
  view.setInt32(entry + Entry.immediate, immediate, true);
}

function immediateOf(
  { instruction, fields }: Decoded,
  extensions: ExtensionSet,
  offset: number | undefined,
): { far: boolean; immediate: number } {
  const immediate = fields.imm ?? 0;
  if (!isRelative(instruction)) return { far: false, immediate };
  const target = (offset ?? NaN) + immediate;
  // Where a jump to it traps, it is for the handler that looks.
  const allowed = extensions.has('c') || target % 4 === 0;
  const near = target >= 0 && target < PAGE_SIZE && allowed;
  return near ? { far: false, immediate: immediate * (Entry.size / 2) } : { far: true, immediate };
}
