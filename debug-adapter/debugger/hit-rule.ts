/** When a breakpoint stops, and what it writes instead of stopping: read once for a program, asked at each hit. */
import type { TargetHart } from '../target/target';
import type { Debuggee } from './api';
import { compile, type CompiledExpression } from './expressions';
import { prepareNames } from './expression/prepare-names';
import { hitConditionHint, parseHitCondition, type HitCondition } from './hit-condition';
import { expressionsIn, readLogMessage, type LogMessage } from './log-message';

/** As a person has written them. */
export interface HitOptions {
  readonly condition?: string | undefined;
  readonly hitCondition?: string | undefined;
  readonly logMessage?: string | undefined;
}

/** What a rule counts: its owner keeps it for longer than a rule lasts. */
export interface HitCounts {
  /** So far, counted where the condition was true. */
  hits: number;
  /** So many hits to come pass: they are counted, and nothing else comes of them. */
  ignored: number;
}

/** Who hears of what happens at a hit. */
export interface HitListener {
  /** A condition has no value: a sentence that says why. */
  complain(sentence: string): void;
  /** A log point was hit. `text` writes its message, which takes long; it is to be called before the machine goes on, if at all. */
  log(text: () => string): void;
}

export type ReadRule =
  | { readonly ok: true; readonly rule: HitRule }
  /** A sentence that says what to write instead. */
  | { readonly ok: false; readonly message: string };

/** Reads what the expressions of a rule need, so that no hit has to: the machine would stand still. @throws Cancelled */
export function prepareRule({ condition, logMessage }: HitOptions, debuggee: Debuggee): Promise<void> {
  return prepareNames([condition, ...expressionsIn(logMessage ?? '')], debuggee);
}

export class HitRule {
  readonly #counts: HitCounts;
  readonly #condition: CompiledExpression | undefined;
  readonly #text: string;
  readonly #count: HitCondition | undefined;
  readonly #message: LogMessage | undefined;

  static read(
    { condition, hitCondition, logMessage }: HitOptions,
    debuggee: Debuggee,
    counts: HitCounts = { hits: 0, ignored: 0 },
  ): ReadRule {
    const count = hitCondition === undefined ? undefined : parseHitCondition(hitCondition);
    if (hitCondition !== undefined && !count) return { ok: false, message: hitConditionHint(hitCondition) };
    const compiled = condition === undefined ? undefined : compile(condition, debuggee);
    if (compiled?.ok === false) {
      return { ok: false, message: `The condition '${condition!}': ${compiled.message}` };
    }
    const message = logMessage === undefined ? undefined : readLogMessage(logMessage, debuggee);
    if (message?.ok === false) return message;
    return { ok: true, rule: new HitRule(counts, compiled, condition ?? '', count, message) };
  }

  private constructor(
    counts: HitCounts,
    condition: CompiledExpression | undefined,
    text: string,
    count: HitCondition | undefined,
    message: LogMessage | undefined,
  ) {
    this.#counts = counts;
    this.#condition = condition;
    this.#text = text;
    this.#count = count;
    this.#message = message;
  }

  /** Whether a hart that has arrived stops. A condition that has no value holds: better one stop too many than none. */
  stops(hart: TargetHart, listener: HitListener): boolean {
    const value = this.#condition?.evaluate(hart);
    if (value?.ok === true && !value.isTrue) return false;
    if (value?.ok === false) {
      listener.complain(
        `The condition '${this.#text}' could not be evaluated, so the machine stopped: ${value.message}`,
      );
    }
    const counts = this.#counts;
    counts.hits++;
    if (counts.ignored > 0) {
      counts.ignored--;
      return false;
    }
    if (this.#count?.(counts.hits) === false) return false;
    const message = this.#message;
    if (!message) return true;
    listener.log(() => message.format(hart));
    return false;
  }
}
