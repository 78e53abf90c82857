/** What a client has to fetch again after the user changed registers or memory. */
import type { EventSink } from './protocol/dispatcher';
import type { SessionState } from './state';

/** The call stacks are walked anew; the client hears of it after the response to the change. */
export function announceChange(state: SessionState, events: EventSink, area: 'stacks' | 'all'): void {
  state.changed();
  if (!state.client.supportsInvalidated) return;
  events.afterResponse(() => events.event('invalidated', { areas: [area] }));
}
