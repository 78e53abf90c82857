/** `catch`, `info catch`, `delete catch`: exception filters from the debug console, beside those of the client's rows. */
import { parseCatchCondition } from '../../debugger/catch-condition';
import type { Command, CommandFamily } from '../console/command';
import { badExpression } from '../errors';
import type { SessionState } from '../state';
import type { BreakpointTable } from './breakpoint-table';
import { exceptionFilters, type ExceptionFilter } from './exception-filters';
import type { ActiveExceptionFilter, StopFilter } from './stop-filter';
import { armTraps, isRegister, reportRequests, switchOn, withReports } from './switch-on';

interface Catch {
  readonly id: number;
  /** As it was typed. */
  readonly text: string;
  /** The rows that it would be written at. */
  readonly labels: readonly string[];
  readonly active: readonly ActiveExceptionFilter[];
}

const catchCommands: readonly Command[] = [
  {
    names: ['catch'],
    usage: 'catch NAMES [if EXPRESSION]',
    help: 'stops at exceptions, interrupts, system calls, panic … by name: catch page faults if $tval < 4096',
  },
  { names: ['info catch'], usage: 'info catch', help: 'what is caught so; delete catch [NUMBER] ends it' },
];

export class Catches implements CommandFamily {
  readonly commands: readonly Command[] = catchCommands;
  private readonly state: SessionState;
  private readonly table: BreakpointTable;
  private readonly stops: StopFilter;
  private list: readonly Catch[] = [];
  private nextId = 1;

  constructor(state: SessionState, table: BreakpointTable, stops: StopFilter) {
    this.state = state;
    this.table = table;
    this.stops = stops;
  }

  run(text: string): Promise<string> | undefined {
    if (/^info catch$/.test(text)) return Promise.resolve(this.describe());
    const removed = /^delete catch(?: (\d{1,9}))?$/.exec(text);
    if (removed) return this.remove(removed[1] === undefined ? undefined : Number(removed[1]));
    const added = /^catch(?:\s+(.*))?$/s.exec(text);
    return added ? this.add(added[1] ?? '') : undefined;
  }

  private async add(text: string): Promise<string> {
    const { debuggee } = this.state;
    const filters = exceptionFilters.filter((filter) => this.names(text, filter));
    const answers = filters.map((filter) => ({
      label: filter.label,
      answer: switchOn(filter.filter, text, this.state),
    }));
    const found = answers.flatMap(({ label, answer }) =>
      answer.active ? [{ label, answer, active: answer.active }] : [],
    );
    if (found.length === 0) throw badExpression(answers[0]?.answer.breakpoint.message ?? nothingCalled(text));
    const added = {
      id: this.nextId,
      text,
      labels: found.map(({ label }) => label),
      active: found.map(({ active }) => active),
    };
    const entries = await this.replace([...this.list, added]);
    const mistakes = found.map(({ answer }) => withReports(answer, entries));
    if (mistakes.every(({ verified }) => !verified)) {
      await this.replace(this.list.filter((one) => one !== added));
      throw badExpression(mistakes[0]?.message ?? nothingCalled(text));
    }
    this.nextId++;
    if (debuggee.target.exit) return `${describe(added)}. The machine has powered off.`;
    return describe(added);
  }

  /** Whether all that is named is something that a filter knows. Numbers mean other things at each of them. */
  private names(text: string, { catchables }: ExceptionFilter): boolean {
    const parsed = parseCatchCondition(text, catchables, (word) => isRegister(word, this.state));
    return parsed.ok && parsed.isNamed && !/^\s*\d/.test(text);
  }

  private async remove(id: number | undefined): Promise<string> {
    const left = id === undefined ? [] : this.list.filter((one) => one.id !== id);
    if (id !== undefined && left.length === this.list.length) {
      throw badExpression(`There is no catch ${id}: 'info catch' lists them.`);
    }
    await this.replace(left);
    return '';
  }

  private async replace(list: readonly Catch[]) {
    const filters = list.flatMap(({ active }) => active);
    if (this.state.isLoaded) await this.stops.prepare(filters, this.state.debuggee);
    this.list = list;
    this.stops.catches = filters;
    const entries = await this.table.replace('catches', this.stops.catches.flatMap(reportRequests));
    if (this.state.isLoaded && !this.state.loaded.launch.noDebug) armTraps(this.state.debuggee, this.stops);
    return entries;
  }

  private describe(): string {
    return this.list.length === 0
      ? "Nothing is caught by the console: 'catch load page fault if $tval < 4096' would."
      : this.list.map(describe).join('\n');
  }
}

function describe({ id, text, labels }: Catch): string {
  return `catch ${id}: ${text} (${labels.join(', ')})`;
}

function nothingCalled(text: string): string {
  return `There is nothing called '${text}' to stop at. Name a cause (load page fault), an interrupt (supervisor timer), a system call (openat), panic, oops, BUG, WARN, wild, no handler, trap loop or parked, with 'if EXPRESSION' behind it or without.`;
}
