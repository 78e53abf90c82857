/** `riscvUnwind/valueFormat`: how the variables view writes registers. */
import { badArgument } from './errors';
import type { EventSink } from './protocol/dispatcher';
import type { Handlers } from './protocol/requests';
import type { SessionState } from './state';
import { isValueFormat, valueFormats } from './variables/value-formats';

export function valueFormatHandlers(
  state: SessionState,
  events: EventSink,
): Handlers<'riscvUnwind/valueFormat'> {
  return {
    'riscvUnwind/valueFormat'({ format, register }) {
      if (!isValueFormat(format)) {
        throw badArgument('riscvUnwind/valueFormat', 'format', `one of ${valueFormats.join(', ')}`);
      }
      state.formats.choose(format, register);
      if (state.client.supportsInvalidated) {
        events.afterResponse(() => events.event('invalidated', { areas: ['variables'] }));
      }
      return undefined;
    },
  };
}
