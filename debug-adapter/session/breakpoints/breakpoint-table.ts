/**
 * The breakpoints that the client asked for, by owner, with what became of each. They outlive the program: a restart resolves
 * them again. Hit counts survive as long as the client asks for the same breakpoint.
 */
import { Cancelled, type Debuggee, type Resolution } from '../../debugger/api';
import { Breakpoints } from '../../debugger/breakpoints';
import type { TrapExplanation } from '../../debugger/explain-trap';
import type { HitOptions, HitRule } from '../../debugger/hit-rule';
import type { TargetHart } from '../../target/target';
import { initialSettings, readRule, type BreakpointSettings } from './breakpoint-settings';
import type { BreakpointNumbers } from './numbers';

/** What the protocol calls the kind of a breakpoint that stopped the machine. */
export type BreakpointKind = 'breakpoint' | 'function breakpoint' | 'instruction breakpoint' | 'exception';

/** One breakpoint as asked for. */
export interface BreakpointRequest extends HitOptions {
  readonly kind: BreakpointKind;
  /** What identifies the place to the client: a line, a SPEC, an address. */
  readonly place: string;
  /** Of an exception filter: what the client is told when a hart stops there. */
  readonly explain?: (debuggee: Debuggee, hart: TargetHart) => TrapExplanation;
  readonly resolve: (debuggee: Debuggee) => Resolution | Promise<Resolution>;
}

/** A breakpoint as it stands. `resolution` is `unresolved` while no program is loaded or its conditions make no sense. */
export interface BreakpointEntry {
  readonly id: number;
  readonly request: BreakpointRequest;
  readonly settings: BreakpointSettings;
  resolution: Resolution;
  /** For the program that is loaded. */
  rule: HitRule | undefined;
}

export class BreakpointTable {
  private readonly owners = new Map<string, readonly BreakpointEntry[]>();
  private debuggee: Debuggee | undefined;
  private armed: Breakpoints<BreakpointEntry> | undefined;
  private readonly numbers: BreakpointNumbers;

  constructor(numbers: BreakpointNumbers) {
    this.numbers = numbers;
  }

  /** Replaces all breakpoints of an owner (a source file, all functions, all instructions). */
  async replace(owner: string, requests: readonly BreakpointRequest[]): Promise<readonly BreakpointEntry[]> {
    const kept = [...(this.owners.get(owner) ?? [])];
    const entries: BreakpointEntry[] = [];
    for (const request of requests) {
      const known = kept.findIndex((entry) => isSame(entry.request, request));
      const entry = known >= 0 ? kept.splice(known, 1)[0]! : this.enter(request);
      entry.resolution = await this.resolve(entry);
      entries.push(entry);
    }
    this.owners.set(owner, entries);
    this.arm(owner, entries);
    return entries;
  }

  /** Those of one owner. */
  of(owner: string): readonly BreakpointEntry[] {
    return this.owners.get(owner) ?? [];
  }

  /** Those of all owners, in the order in which they were first set. */
  all(): readonly BreakpointEntry[] {
    return [...this.owners.values()].flat().sort((a, b) => a.id - b.id);
  }

  /** Takes one out, whoever has set it. */
  remove(id: number): void {
    for (const [owner, entries] of this.owners) {
      const others = entries.filter((entry) => entry.id !== id);
      if (others.length === entries.length) continue;
      this.owners.set(owner, others);
      this.arm(owner, others);
    }
  }

  /** Gives one another condition; the result is a sentence if that makes no sense, and all is as it was. @throws Cancelled */
  async setCondition(entry: BreakpointEntry, condition: string | undefined): Promise<string | undefined> {
    if (!this.debuggee) return 'No program is loaded yet.';
    const read = await readRule(entry, condition, this.debuggee);
    if (!read.ok) return read.message;
    entry.rule = read.rule;
    entry.settings.condition = condition;
    entry.resolution = await this.resolve(entry);
    this.rearm();
    return undefined;
  }

  /** After some were enabled or disabled. */
  rearm(): void {
    for (const [owner, entries] of this.owners) this.arm(owner, entries);
  }

  /** Resolves all breakpoints in another program and arms its target; hit counts start again. */
  async bind(debuggee: Debuggee): Promise<readonly BreakpointEntry[]> {
    this.debuggee = debuggee;
    this.armed = new Breakpoints(debuggee.target);
    for (const [owner, entries] of this.owners) {
      for (const entry of entries) {
        entry.rule = undefined;
        entry.settings.hits = 0;
        entry.resolution = await this.resolve(entry);
      }
      this.arm(owner, entries);
    }
    return [...this.owners.values()].flat();
  }

  /**
   * Resolves all breakpoints in the same program once more, after its kernel has moved itself or freed text; the result is
   * those that are elsewhere now, or nowhere.
   */
  async follow(): Promise<readonly BreakpointEntry[]> {
    const moved: BreakpointEntry[] = [];
    for (const [owner, entries] of this.owners) {
      for (const entry of entries) {
        const before = describe(entry.resolution);
        entry.resolution = await this.resolve(entry);
        if (describe(entry.resolution) !== before) moved.push(entry);
      }
      this.arm(owner, entries);
    }
    return moved;
  }

  /** The breakpoints that a pc stands on. */
  at(pc: bigint): readonly BreakpointEntry[] {
    return this.armed?.at(pc) ?? [];
  }

  private enter(request: BreakpointRequest): BreakpointEntry {
    return {
      id: this.numbers.next(),
      request,
      settings: initialSettings(request),
      resolution: { kind: 'unresolved', reason: 'No program is loaded yet.' },
      rule: undefined,
    };
  }

  private async resolve(entry: BreakpointEntry): Promise<Resolution> {
    if (!this.debuggee) return entry.resolution;
    try {
      if (!entry.rule) {
        const read = await readRule(entry, entry.settings.condition, this.debuggee);
        if (!read.ok) return { kind: 'unresolved', reason: read.message };
        entry.rule = read.rule;
      }
      return await entry.request.resolve(this.debuggee);
    } catch (error) {
      if (error instanceof Cancelled) return { kind: 'unresolved', reason: error.message };
      throw error;
    }
  }

  private arm(owner: string, entries: readonly BreakpointEntry[]): void {
    const armed = entries.flatMap((entry) =>
      entry.settings.isEnabled && entry.resolution.kind === 'resolved'
        ? [{ breakpoint: entry, armed: entry.resolution.armed }]
        : [],
    );
    this.armed?.set(owner, armed);
  }
}

function describe(resolution: Resolution): string {
  return resolution.kind === 'resolved' ? resolution.description : resolution.reason;
}

function isSame(a: BreakpointRequest, b: BreakpointRequest): boolean {
  return (
    a.place === b.place &&
    a.condition === b.condition &&
    a.hitCondition === b.hitCondition &&
    a.logMessage === b.logMessage
  );
}
