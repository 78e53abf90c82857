/** Source files as the client sees them, and the `source` request for those that are not on this machine. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { unknownSource } from './errors';
import { Handles } from './handles';
import type { Handlers } from './protocol/requests';
import type { SessionState } from './state';

export class Sources {
  private readonly state: SessionState;
  /** By path of the debug information. */
  private asked = new Map<string, Promise<Dap.Source>>();
  /** Of these, those that have been looked up. */
  private found = new Map<string, Dap.Source>();
  /** Paths of the debug information that were not found. References outlive a stop: editors stay open. */
  private readonly missing = new Handles<string>();

  constructor(state: SessionState) {
    this.state = state;
  }

  /** After a restart files may be elsewhere. */
  forget(): void {
    this.asked = new Map();
    this.found = new Map();
  }

  /** The source for a path of the debug information: a file on this machine, or a reference to an explanation. */
  sourceOf(file: string): Promise<Dap.Source> {
    let source = this.asked.get(file);
    if (!source) {
      const { found } = this;
      source = this.locate(file);
      this.asked.set(file, source);
      void source.then(
        (known) => found.set(file, known),
        () => undefined,
      );
    }
    return source;
  }

  /** As `sourceOf`, for those who cannot wait: `undefined` for one that has not been looked up, which then begins. */
  known(file: string): Dap.Source | undefined {
    void this.sourceOf(file).catch(() => undefined);
    return this.found.get(file);
  }

  readonly handlers: Handlers<'source'> = {
    source: async (args) => {
      const { sources } = this.state.debuggee;
      const reference = args.source?.sourceReference ?? args.sourceReference;
      if (reference === 0 && args.source?.path !== undefined) {
        const text = await sources.text(args.source.path);
        if (text === undefined) throw unknownSource();
        return { content: text };
      }
      const file = this.missing.get(reference);
      if (file === undefined) throw unknownSource();
      const found = await sources.text(file);
      return { content: found ?? `${file} is not on this machine.\n\n${await sources.hint(file)}\n` };
    },
  };

  private async locate(file: string): Promise<Dap.Source> {
    const { sources } = this.state.debuggee;
    const name = file.slice(file.lastIndexOf('/') + 1);
    const path = await sources.locate(file);
    if (path !== undefined) return { name, path: this.state.client.pathOut(path) };
    return { name, sourceReference: this.missing.set(file, file), origin: `${file} was not found` };
  }
}
