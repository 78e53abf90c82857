/** `riscvUnwind/labels`: every label and function of the program, for the extension's "Break on Label…". */
import { allLabels } from '../debugger/local-labels';
import type { Handlers } from './protocol/requests';
import type { SessionState } from './state';

export function labelHandlers(state: SessionState): Handlers<'riscvUnwind/labels'> {
  return {
    async 'riscvUnwind/labels'() {
      const { debuggee } = state;
      const found = await allLabels(debuggee);
      const labels = await Promise.all(
        found.filter(isEnough).map(async ({ name, file, line }) => ({
          name,
          file: file === '' ? '' : ((await debuggee.sources.locate(file)) ?? file),
          line,
        })),
      );
      return { labels };
    },
  };
}

/** Numeric labels and those whose name a macro makes up are no names that a breakpoint could be set by. */
function isEnough({ name }: { readonly name: string }): boolean {
  return !/^\d|\\/.test(name);
}
