/**
 * The data breakpoints that the client and the debug console asked for, with what became of each. They outlive the program: a restart finds
 * what they watch again.
 */
import type { Debuggee } from '../../debugger/api';
import { describeWatch } from '../../debugger/describe-watch';
import { HitRule, type HitListener, type HitOptions } from '../../debugger/hit-rule';
import { resolvePlace, watchpointOf, type ResolvedPlace, type WatchPlace } from '../../debugger/watch-place';
import { changedValue, forgetValues, hasChanged, keepValues, withValues } from '../../debugger/watch-values';
import type { TargetHart } from '../../target/target';
import type { WatchedAccess, WatchHit } from '../../target/watchpoint';
import { hitOptionsOf, initialSettings, readRule, type BreakpointSettings } from './breakpoint-settings';
import type { BreakpointNumbers } from './numbers';

/** One as asked for. */
interface WatchRequest extends HitOptions {
  readonly place: WatchPlace;
  readonly access: WatchedAccess;
}

export interface WatchEntry {
  readonly id: number;
  readonly request: WatchRequest;
  readonly owner: WatchOwner;
  readonly settings: BreakpointSettings;
  /** `undefined` while no program is loaded. */
  resolution: ResolvedPlace | undefined;
  rule: HitRule | undefined;
}

type WatchOwner = 'client' | 'console';

/** A data breakpoint that the last stop was wanted for, and a sentence about the access. */
interface WatchFinding {
  readonly entry: WatchEntry;
  readonly text: string;
}

/** Data breakpoints of one machine. Each access to what is near them is compared with all of the page. */
export const mostWatches = 256;

export class WatchTable {
  /** Those of the last stop. */
  findings: readonly WatchFinding[] = [];
  private entries: readonly WatchEntry[] = [];
  private debuggee: Debuggee | undefined;
  /** The hart of the last stop, while it stands there. */
  private stoppedAt: TargetHart | undefined;
  private readonly numbers: BreakpointNumbers;

  constructor(numbers: BreakpointNumbers) {
    this.numbers = numbers;
  }

  get all(): readonly WatchEntry[] {
    return this.entries;
  }

  /** Replaces those of the client; hit counts survive for those that stay the same. */
  replaceOfClient(requests: readonly WatchRequest[]): readonly WatchEntry[] {
    const kept = this.entries.filter(({ owner }) => owner === 'client');
    const entries = requests.map((request) => {
      const known = kept.findIndex(
        (entry) => JSON.stringify(keyOf(entry.request)) === JSON.stringify(keyOf(request)),
      );
      return known >= 0 ? kept.splice(known, 1)[0]! : this.enter(request, 'client');
    });
    this.entries = [...entries, ...this.entries.filter(({ owner }) => owner === 'console')];
    this.rearm();
    return entries;
  }

  addOfConsole(request: WatchRequest): WatchEntry {
    const entry = this.enter(request, 'console');
    this.entries = [...this.entries, entry];
    this.rearm();
    return entry;
  }

  /** Whoever has set it; false if there is none with that id. */
  remove(id: number): boolean {
    const rest = this.entries.filter((entry) => entry.id !== id);
    if (rest.length === this.entries.length) return false;
    this.entries = rest;
    this.rearm();
    return true;
  }

  /** Gives one another condition; the result is a sentence if that makes no sense, and all is as it was. @throws Cancelled */
  async setCondition(entry: WatchEntry, condition: string | undefined): Promise<string | undefined> {
    if (!this.debuggee) return 'No program is loaded yet.';
    const read = await readRule(entry, condition, this.debuggee);
    if (!read.ok) return read.message;
    entry.rule = read.rule;
    entry.settings.condition = condition;
    this.resolve(entry);
    this.rearm();
    return undefined;
  }

  /** Tells the target what is watched now: also after some were enabled or disabled. */
  rearm(): void {
    const watchpoints = this.entries.flatMap((entry) =>
      entry.settings.isEnabled && entry.resolution?.ok === true
        ? [watchpointOf(entry.id, entry.resolution.thing, accessOf(entry))]
        : [],
    );
    this.debuggee?.target.setWatchpoints(watchpoints);
  }

  /** Watches the same in another program, or in this one after it has moved itself; hit counts start again in another. */
  bind(debuggee: Debuggee): void {
    const isSame = this.debuggee === debuggee;
    // A kernel may move itself between an access and its stop.
    if (!isSame) this.findings = [];
    this.debuggee = debuggee;
    for (const entry of this.entries) {
      if (!isSame) {
        entry.rule = undefined;
        entry.settings.hits = 0;
      }
      this.resolve(entry);
    }
    this.rearm();
  }

  /** Whether somebody wants the stop at these accesses. */
  judge(
    hits: readonly WatchHit[],
    debuggee: Debuggee,
    listenerOf: (entry: WatchEntry) => HitListener,
  ): boolean {
    this.goOn();
    this.findings = this.entries.flatMap((entry) => {
      const own = hits.filter(({ id }) => id === entry.id);
      return own.length > 0 && entry.resolution?.ok === true
        ? this.judgeEntry(entry, own, debuggee, listenerOf(entry))
        : [];
    });
    return this.findings.length > 0;
  }

  /** The machine goes on: what was accessed before is nothing that it stops at. */
  goOn(): void {
    if (this.stoppedAt) forgetValues(this.stoppedAt);
    this.stoppedAt = undefined;
  }

  private judgeEntry(
    entry: WatchEntry,
    hits: readonly WatchHit[],
    debuggee: Debuggee,
    listener: HitListener,
  ): readonly WatchFinding[] {
    if (entry.resolution?.ok !== true) return [];
    const { target } = debuggee;
    const hart = target.harts[hits[0]!.hart ?? 0]!;
    const { thing } = entry.resolution;
    const value = changedValue(thing, hits, hart, target);
    // Other fields are in the same bytes.
    if (accessOf(entry) === 'change' && !hasChanged(thing, value)) return [];
    const stops = withValues(hart, value, () => entry.rule?.stops(hart, listener) ?? true);
    if (!stops) return [];
    // Of several that stop the machine at once, the one that its report begins with.
    if (!this.stoppedAt) keepValues(hart, value);
    this.stoppedAt ??= hart;
    const { place, access } = entry.request;
    return [{ entry, text: describeWatch(place.label, access, hits[0]!, value, debuggee) }];
  }

  private enter(request: WatchRequest, owner: WatchOwner): WatchEntry {
    const entry: WatchEntry = {
      id: this.numbers.next(),
      request,
      owner,
      settings: initialSettings(request),
      resolution: undefined,
      rule: undefined,
    };
    this.resolve(entry);
    return entry;
  }

  private resolve(entry: WatchEntry): void {
    if (!this.debuggee) return;
    entry.resolution = resolvePlace(entry.request.place, this.debuggee);
    if (entry.rule) return;
    const read = HitRule.read(hitOptionsOf(entry), this.debuggee, entry.settings);
    if (read.ok) entry.rule = read.rule;
    else entry.resolution = read;
  }
}

/** A condition that asks for the values itself is to see writes that change nothing, too. */
function accessOf({ request: { access }, settings: { condition } }: WatchEntry): WatchedAccess {
  return access === 'change' && /\$(old|new)\b/.test(condition ?? '') ? 'write' : access;
}

function keyOf({ place, access, condition, hitCondition, logMessage }: WatchRequest): readonly unknown[] {
  const where = place.kind === 'csr' ? place : { ...place, address: place.address.toString() };
  return [where, access, condition, hitCondition, logMessage];
}
