/** A breakpoint of the table, as the protocol has it. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { hex } from '../../unwind/hex';
import type { Sources } from '../sources';
import type { SessionState } from '../state';
import type { BreakpointEntry } from './breakpoint-table';

/** A breakpoint as the client sees it: where it really is, or why it is nowhere. */
export async function toDap(
  { id, resolution, request: { kind } }: BreakpointEntry,
  state: SessionState,
  sources: Sources,
): Promise<Dap.Breakpoint> {
  if (resolution.kind === 'unresolved') return { id, verified: false, message: resolution.reason };
  const { armed, description, source } = resolution;
  const breakpoint: Dap.Breakpoint = { id, verified: true };
  if (armed[0] !== undefined) breakpoint.instructionReference = hex(armed[0]);
  // The protocol knows one address for a breakpoint; the others can only be told.
  if (armed.length > 1 || kind !== 'breakpoint') breakpoint.message = description;
  if (source) {
    // Of its own file the client knows the path that it uses; ours may lead there another way.
    if (kind !== 'breakpoint') breakpoint.source = await sources.sourceOf(source.file);
    breakpoint.line = state.client.lineOut(source.line);
  }
  return breakpoint;
}
