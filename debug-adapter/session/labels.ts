/** `riscvUnwind/labels`: every label of the program's assembly sources, for the extension's "Break on Label…". */
import { isAssembly } from '../debugger/code';
import type { Handlers } from './protocol/requests';
import type { SessionState } from './state';

export function labelHandlers(state: SessionState): Handlers<'riscvUnwind/labels'> {
  return {
    async 'riscvUnwind/labels'() {
      const { program, sources } = state.debuggee;
      const found = program.symbols.symbols.flatMap(({ name, address }) => {
        const source = program.lines?.at(address);
        return source && isAssembly(source.file) ? [{ name, file: source.file, line: source.line }] : [];
      });
      const labels = await Promise.all(
        found.map(async ({ file, ...label }) => ({ ...label, file: (await sources.locate(file)) ?? file })),
      );
      return { labels };
    },
  };
}
