/**
 * Follows a tutorial: does what its page says, through the Debug Adapter Protocol, and writes the page anew with what the program
 * shows at each step.
 *
 * Lines that begin with `▶` are actions. Blocks are shown by what their fence is called: `console` has commands behind `> ` and
 * what they print, `call-stack` the rows of the view with their files, `variables` a scope and paths in it, `exception` what the exception
 * widget says. Everything else is left as it is.
 */
import assert from 'node:assert/strict';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { DapClient } from './dap-client.test-support';

const steps = {
  Continue: 'continue',
  'Step Into': 'stepIn',
  'Step Over': 'next',
  'Step Out': 'stepOut',
} as const;

export class TutorialPlayer {
  private readonly client: DapClient;
  private readonly configuration: Record<string, unknown>;
  private filters: Dap.ExceptionBreakpointsFilter[] = [];
  private chosen: Dap.ExceptionFilterOptions[] = [];
  private functions: Dap.FunctionBreakpoint[] = [];
  private threadId = 0;
  private launched = false;

  /** @param configuration of the launch that "Start Debugging" stands for */
  constructor(client: DapClient, configuration: Record<string, unknown>) {
    this.client = client;
    this.configuration = configuration;
  }

  /** The page as it should be. Throws at an action that it does not know, or that the program refuses. */
  async play(page: string): Promise<string> {
    const played: string[] = [];
    const lines = page.split('\n')[Symbol.iterator]();
    for (const line of lines) {
      played.push(line);
      if (line.startsWith('▶')) await this.act(line);
      if (!line.startsWith('```')) continue;
      const block: string[] = [];
      let end = '';
      for (const inside of lines) {
        end = inside;
        if (inside === '```') break;
        block.push(inside);
      }
      played.push(...(await this.shown(line.slice('```'.length), block)), end);
    }
    return played.join('\n');
  }

  private async act(line: string): Promise<void> {
    const [, title = ''] = /^▶ \*(.+?)\*/.exec(line) ?? [];
    const condition = / tick \*(.+)\*\. .* \*Edit Condition\*: `(.+)`$/.exec(line);
    const place = /^▶ \*Add Function Breakpoint\* .*: `(.+)`$/.exec(line);
    if (title in steps) {
      await this.client.sendRaw(steps[title as keyof typeof steps], { threadId: this.threadId });
      await this.stopped();
    } else if (condition) {
      const filter = this.filters.find(({ label }) => label === condition[1]);
      assert.ok(filter, `there is no exception filter '${condition[1]}'`);
      this.chosen = [{ filterId: filter.filter, condition: condition[2]! }];
      await this.configure();
    } else if (line.startsWith('▶ Untick ')) {
      this.chosen = [];
      await this.configure();
    } else if (place) {
      this.functions = [{ name: place[1]! }];
      if (this.launched) await this.configure();
    } else if (title === 'Remove All Breakpoints') {
      this.functions = [];
      await this.configure();
    } else if (title === 'Start Debugging') {
      const { exceptionBreakpointFilters } = await this.client.send('initialize', {
        adapterID: 'riscv-unwind',
      });
      this.filters = exceptionBreakpointFilters ?? [];
      await this.client.sendRaw('launch', this.configuration);
      await this.client.event('initialized');
      this.launched = true;
      await this.configure();
      await this.client.send('configurationDone');
      await this.stopped();
    } else if (title === 'Restart') {
      await this.client.send('restart');
      await this.stopped();
    } else if (title !== 'RISC-V: Open Sample Kernel') {
      assert.fail(`nobody knows how to do this: ${line}`);
    }
  }

  private async configure(): Promise<void> {
    const answers = await Promise.all([
      this.client.send('setExceptionBreakpoints', { filters: [], filterOptions: this.chosen }),
      this.client.send('setFunctionBreakpoints', { breakpoints: this.functions }),
    ]);
    for (const breakpoint of answers.flatMap(({ breakpoints }) => breakpoints ?? []))
      assert.ok(breakpoint.verified, breakpoint.message);
  }

  private async stopped(): Promise<void> {
    this.threadId = (await this.client.stopped()).threadId!;
  }

  private async shown(kind: string, block: readonly string[]): Promise<readonly string[]> {
    switch (kind) {
      case 'console':
        return this.console(block.filter((line) => line.startsWith('> ')).map((line) => line.slice(2)));
      case 'call-stack':
        return (await this.frames()).map(({ name, source }) => (source ? `${name}  ${source.name}` : name));
      case 'variables':
        return this.variables(block);
      case 'exception':
        return this.exception();
      default:
        return block;
    }
  }

  private async console(commands: readonly string[]): Promise<string[]> {
    const lines: string[] = [];
    for (const expression of commands) {
      const [top] = await this.frames();
      const request = { expression, context: 'repl', ...(top && { frameId: top.id }) };
      const { result } = await this.client.send('evaluate', request);
      if (expression.startsWith('until ')) await this.stopped();
      lines.push(`> ${expression}`, ...(result === '' ? [] : result.trimEnd().split('\n')));
    }
    return lines;
  }

  private async frames(): Promise<Dap.StackFrame[]> {
    return (await this.client.send('stackTrace', { threadId: this.threadId })).stackFrames;
  }

  /** The first line of a block is a scope, `Frame, of handle_exception+0x10/0x20` that of an outer frame; in those below, depth is a path. */
  private async variables(block: readonly string[]): Promise<string[]> {
    const path: { readonly depth: number; readonly children: number }[] = [];
    const lines: string[] = [];
    for (const line of block) {
      const depth = line.search(/\S/);
      const name = line.slice(depth).split(' = ')[0]!;
      while (path.length > 0 && path.at(-1)!.depth >= depth) path.pop();
      if (depth === 0) {
        path.push({ depth, children: await this.scope(name) });
        lines.push(name);
        continue;
      }
      const variablesReference = path.at(-1)!.children;
      const { variables } = await this.client.send('variables', { variablesReference });
      const variable = variables.find((candidate) => candidate.name === name);
      assert.ok(variable, `there is no '${name}' among ${variables.map((other) => other.name).join(', ')}`);
      path.push({ depth, children: variable.variablesReference });
      lines.push(`${' '.repeat(depth)}${name} = ${variable.value}`);
    }
    return lines;
  }

  private async scope(heading: string): Promise<number> {
    const [name = '', label] = heading.split(', of ');
    const frames = await this.frames();
    const frame = frames.find((candidate) => label === undefined || candidate.name === label);
    assert.ok(frame, `there is no row '${label}'`);
    const { scopes } = await this.client.send('scopes', { frameId: frame.id });
    const found = scopes.find((scope) => scope.name.startsWith(name));
    assert.ok(found, `there is no scope '${name}'`);
    return found.variablesReference;
  }

  /** A sentence a line. */
  private async exception(): Promise<string[]> {
    const { description } = await this.client.send('exceptionInfo', { threadId: this.threadId });
    return description!.split(/(?<=\.) (?=[A-Z])/);
  }
}
