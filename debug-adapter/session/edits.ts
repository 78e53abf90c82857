/** What a client has to fetch again after the user, or the guest, changed registers or memory. */
import type { EventSink } from './protocol/dispatcher';
import type { SessionState } from './state';

/**
 * The call stacks are walked anew; the client hears of it after the response to the change. Memory may be seen through several
 * addresses, and a CSR may change which: all that it shows of memory is to be read again.
 */
export function announceChange(
  state: SessionState,
  events: EventSink,
  area: 'stacks' | 'variables' | 'all',
): void {
  const sameStacks = state.changed();
  const { client } = state;
  events.afterResponse(() => {
    if (client.supportsInvalidated) {
      // A client that hears of stacks drops all that it shows of them, and what was opened closes.
      const areas = [area === 'all' && sameStacks ? 'variables' : area];
      events.event('invalidated', { areas });
    }
    if (area !== 'stacks') announceMemory(state, events);
  });
}

/** All that the client shows of memory may be another: it is not known which of it was written to. */
export function announceMemory({ client, memoryViews }: SessionState, events: EventSink): void {
  if (!client.supportsMemoryEvent) return;
  for (const view of memoryViews.all()) events.event('memory', view);
}
