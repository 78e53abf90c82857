/**
 * Judges each stop of the target: does anybody want it? Evaluates conditions, counts hits, writes log messages. Runs in the
 * midst of the machine's run, so it must be quick and must not wait.
 */
import type { Debuggee, Resolution } from '../../debugger/api';
import { isMeant, judge, type Catchable } from '../../debugger/catchables';
import { HitRule, prepareRule, type HitListener, type ReadRule } from '../../debugger/hit-rule';
import type { JudgedStop, TargetHart, Trap } from '../../target/target';
import type { Stray } from '../../debugger/stray';
import type { BreakpointEntry, BreakpointTable } from './breakpoint-table';
import type { EventSink } from '../protocol/dispatcher';
import type { LogOutput } from './log-output';
import type { WatchTable } from './watch-table';
import type { WatchHit } from '../../target/watchpoint';

/** A data breakpoint is in no source. */
const nowhere: Resolution = { kind: 'unresolved', reason: '' };

/** A filter that the client switched on. */
export interface ActiveExceptionFilter {
  readonly chosen: readonly Catchable[];
  readonly condition: string | undefined;
}

export class StopFilter {
  /** The client's. */
  exceptionFilters: readonly ActiveExceptionFilter[] = [];
  /** Those of the debug console. */
  catches: readonly ActiveExceptionFilter[] = [];
  /** What checks have found at the trap that stopped the machine last, a sentence each. */
  findings: readonly string[] = [];
  /** The breakpoints that the last stop was wanted for. */
  hitBreakpoints: readonly BreakpointEntry[] = [];

  private readonly table: BreakpointTable;
  readonly watches: WatchTable;
  private readonly logs: LogOutput;
  private readonly events: EventSink;
  private lastStray: { readonly stray: Stray; readonly instructions: number } | undefined;
  /** Of exception filters, read once for a program: they are asked at each of the traps. */
  private conditions: { readonly debuggee?: Debuggee; readonly rules: Map<string, ReadRule> } = {
    rules: new Map(),
  };
  private readonly listener: HitListener = {
    complain: (sentence) => this.complain(sentence),
    log: () => undefined,
  };

  constructor(table: BreakpointTable, watches: WatchTable, logs: LogOutput, events: EventSink) {
    this.table = table;
    this.watches = watches;
    this.logs = logs;
    this.events = events;
  }

  get active(): readonly ActiveExceptionFilter[] {
    return [...this.exceptionFilters, ...this.catches];
  }

  /**
   * Reads what conditions of filters need, and binds them: a trap has no time for that. Work of the debuggee's `perform`.
   * @throws Cancelled
   */
  async prepare(filters: readonly ActiveExceptionFilter[], debuggee: Debuggee): Promise<void> {
    for (const { condition } of filters) {
      if (condition === undefined) continue;
      await prepareRule({ condition }, debuggee);
      this.ruleOf(condition, debuggee);
    }
  }

  /** For `FilteredTarget`. `harts` gives the program's current target. */
  isWanted(stop: JudgedStop, debuggee: Debuggee): boolean {
    if (stop.kind === 'trap') return this.wantsTrap(stop.trap, debuggee);
    if (stop.kind === 'watch') return this.wantsWatched(stop.hits, debuggee);
    if (stop.kind === 'stray') return this.wantsStray(stop, debuggee);
    this.hitBreakpoints = this.judge(debuggee.target.harts[stop.hart]!);
    return this.hitBreakpoints.length > 0;
  }

  /**
   * The breakpoints that stop a hart where it is now. A step that ends at a breakpoint counts as a hit: the machine will pass
   * it when it goes on.
   */
  judge(hart: TargetHart): readonly BreakpointEntry[] {
    return this.table.at(hart.pc).filter((entry) => this.hits(entry, hart));
  }

  private hits(entry: BreakpointEntry, hart: TargetHart): boolean {
    return (
      entry.rule?.stops(hart, {
        complain: (sentence) => this.complain(sentence),
        log: (text) => this.logs.write(text, entry.resolution),
      }) ?? true
    );
  }

  /** That a hart has left the text is what the machine has stopped at, and the hart has not moved since. */
  strayOf({ index, pc }: TargetHart, { target }: Debuggee): Stray | undefined {
    if (this.lastStray?.instructions !== target.instructions) return undefined;
    const { stray } = this.lastStray;
    return stray.hart === index && stray.pc === pc ? stray : undefined;
  }

  private wantsWatched(hits: readonly WatchHit[], debuggee: Debuggee): boolean {
    return this.watches.judge(hits, debuggee, () => ({
      complain: (sentence) => this.complain(sentence),
      log: (text) => this.logs.write(text, nowhere),
    }));
  }

  private wantsTrap(trap: Trap, debuggee: Debuggee): boolean {
    const hart = debuggee.target.harts[trap.hart]!;
    const verdicts = this.active.flatMap(({ chosen, condition }) => {
      const meant = chosen.filter((catchable) => isMeant(catchable, trap, hart));
      if (meant.length === 0) return [];
      if (condition !== undefined && !this.holds(condition, hart, debuggee)) return [];
      return meant.map((catchable) => judge(catchable, trap, debuggee));
    });
    this.findings = [...new Set(verdicts.filter((verdict) => typeof verdict === 'string'))];
    return verdicts.some((verdict) => verdict !== undefined);
  }

  private wantsStray(stray: Stray, debuggee: Debuggee): boolean {
    const hart = debuggee.target.harts[stray.hart]!;
    this.lastStray = { stray, instructions: debuggee.target.instructions };
    return this.active.some(
      ({ chosen, condition }) =>
        chosen.some(({ strays }) => strays) &&
        (condition === undefined || this.holds(condition, hart, debuggee)),
    );
  }

  private holds(condition: string, hart: TargetHart, debuggee: Debuggee): boolean {
    const read = this.ruleOf(condition, debuggee);
    if (read.ok) return read.rule.stops(hart, this.listener);
    this.complain(read.message);
    return true;
  }

  private ruleOf(condition: string, debuggee: Debuggee): ReadRule {
    if (this.conditions.debuggee !== debuggee) this.conditions = { debuggee, rules: new Map() };
    let read = this.conditions.rules.get(condition);
    if (!read) this.conditions.rules.set(condition, (read = HitRule.read({ condition }, debuggee)));
    return read;
  }

  private complain(sentence: string): void {
    this.events.event('output', { category: 'stderr', output: `${sentence}\n` });
  }
}
