/** A breakpoint of the table, as the protocol has it. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { hex } from '../../unwind/hex';
import type { Sources } from '../sources';
import type { SessionState } from '../state';
import { changesOf } from './breakpoint-settings';
import type { BreakpointEntry } from './breakpoint-table';

/** A breakpoint as the client sees it: where it really is, or why it is nowhere. */
export async function toDap(
  entry: BreakpointEntry,
  state: SessionState,
  sources: Sources,
): Promise<Dap.Breakpoint> {
  const {
    id,
    resolution,
    request: { kind },
    settings,
  } = entry;
  if (resolution.kind === 'unresolved') return { id, verified: false, message: resolution.reason };
  const { armed, description, source } = resolution;
  // A client has no other way to show that the adapter has disabled one: VS Code makes it grey, with the message.
  const breakpoint: Dap.Breakpoint = { id, verified: settings.isEnabled };
  if (armed[0] !== undefined) breakpoint.instructionReference = hex(armed[0]);
  // The protocol knows one address for a breakpoint; the others can only be told.
  const place = armed.length > 1 || kind !== 'breakpoint' ? description : undefined;
  const message = [changesOf(entry, id), place].filter((text) => text !== undefined).join(' ');
  if (message !== '') breakpoint.message = message;
  if (source) {
    // Of its own file the client knows the path that it uses; ours may lead there another way.
    if (kind !== 'breakpoint') breakpoint.source = await sources.sourceOf(source.file);
    breakpoint.line = state.client.lineOut(source.line);
  }
  return breakpoint;
}
