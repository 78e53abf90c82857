/** `riscvUnwind/consoleInput`: what the user types in the console terminal goes to the guest. */
import { tooMuchConsoleInput } from '../errors';
import type { Handlers } from '../protocol/requests';
import type { SessionState } from '../state';

/** Text in one request; a paste is less. */
const maxCharacters = 1 << 20;

export function consoleHandlers(state: SessionState): Handlers<'riscvUnwind/consoleInput'> {
  return {
    'riscvUnwind/consoleInput'(args) {
      const { console } = state.loaded;
      if (args.data.length > maxCharacters) throw tooMuchConsoleInput();
      console.send(args.data);
      return undefined;
    },
  };
}
