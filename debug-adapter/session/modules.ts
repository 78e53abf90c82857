/** `modules` and the `module` events: the kernel itself, and what it has loaded. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { loadedModules } from '../debugger/modules';
import type { KernelModule } from '../kernel/module-list';
import { hex } from '../unwind/hex';
import type { EventSink } from './protocol/dispatcher';
import type { Handlers } from './protocol/requests';
import type { SessionState } from './state';

export class Modules {
  private readonly state: SessionState;
  private readonly events: EventSink;
  /** What the client was told of, by id. */
  private told = new Map<string, KernelModule>();

  constructor(state: SessionState, events: EventSink) {
    this.state = state;
    this.events = events;
  }

  readonly handlers: Handlers<'modules'> = {
    modules: ({ startModule = 0, moduleCount = 0 }) => {
      if (!this.state.isLoaded) return { modules: [], totalModules: 0 };
      // Lists may be in the midst of a change while the machine runs.
      const loaded = this.state.running ? [...this.told.values()] : loadedModules(this.state.debuggee);
      const all = [this.kernel(), ...loaded.map((module) => this.toDap(module))];
      const start = Math.max(0, startModule);
      return {
        modules: moduleCount > 0 ? all.slice(start, start + moduleCount) : all.slice(start),
        totalModules: all.length,
      };
    },
  };

  /** After a restart nothing is loaded. */
  forget(): void {
    this.told.clear();
  }

  /** Says what has come and gone since the last time. */
  announce(): void {
    const now = new Map(loadedModules(this.state.debuggee).map((module) => [idOf(module), module]));
    for (const [id, module] of this.told) {
      if (!now.has(id)) this.events.event('module', { reason: 'removed', module: this.toDap(module) });
    }
    for (const [id, module] of now) {
      if (!this.told.has(id)) this.events.event('module', { reason: 'new', module: this.toDap(module) });
    }
    this.told = now;
  }

  private toDap(module: KernelModule): Dap.Module {
    const text = module.regions.find(({ name }) => name === 'text') ?? module.regions[0];
    const known = this.state.debuggee.modules.of(module);
    return {
      id: idOf(module),
      name: module.name,
      symbolStatus: known?.status ?? "Symbols from the kernel's memory.",
      ...(known?.path !== undefined && { symbolFilePath: this.state.client.pathOut(known.path) }),
      ...(text && { addressRange: `${hex(text.start)}-${hex(text.end)}` }),
    };
  }

  private kernel(): Dap.Module {
    const { path, program, kernel } = this.state.debuggee;
    const text = program.text.find(({ start }) => kernel.isKernelText(start));
    const [start] = text ? kernel.runAddresses(text.start) : [];
    return {
      id: 'kernel',
      name: path.slice(path.lastIndexOf('/') + 1),
      path: this.state.client.pathOut(path),
      symbolStatus:
        program.symbols.count === 0
          ? 'No symbols.'
          : program.lines
            ? 'Symbols and debug information loaded.'
            : 'Symbols loaded.',
      ...(text && start !== undefined && { addressRange: hex(start) }),
    };
  }
}

function idOf({ address, name }: KernelModule): string {
  return `${name}@${hex(address)}`;
}
