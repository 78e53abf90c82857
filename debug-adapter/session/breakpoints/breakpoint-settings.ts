/**
 * What the debug console can change of a breakpoint of any kind after it was set, whoever has set it. The request stays as it was: a client
 * sends it again and again, and finds its breakpoint by it.
 */
import type { Debuggee } from '../../debugger/api';
import {
  HitRule,
  prepareRule,
  type HitCounts,
  type HitOptions,
  type ReadRule,
} from '../../debugger/hit-rule';

/** A breakpoint that is disabled is armed nowhere. */
export interface BreakpointSettings extends HitCounts {
  isEnabled: boolean;
  /** In place of the request's. */
  condition: string | undefined;
}

/** Whatever has a request and settings. */
interface Changeable {
  readonly request: HitOptions;
  readonly settings: BreakpointSettings;
}

/** Of a breakpoint that nobody has changed. */
export function initialSettings({ condition }: HitOptions): BreakpointSettings {
  return { isEnabled: true, condition, hits: 0, ignored: 0 };
}

/** When it stops: as it was asked for, with the condition that holds. */
export function hitOptionsOf({ request, settings }: Changeable): HitOptions {
  const { hitCondition, logMessage } = request;
  return { condition: settings.condition, hitCondition, logMessage };
}

/** Its rule with a condition that need not be its own; the counts go on. @throws Cancelled */
export async function readRule(
  entry: Changeable,
  condition: string | undefined,
  debuggee: Debuggee,
): Promise<ReadRule> {
  const options = { ...hitOptionsOf(entry), condition };
  await prepareRule(options, debuggee);
  return HitRule.read(options, debuggee, entry.settings);
}

/** What a client is told of the changes, as its own view knows nothing of them; `undefined` without any. */
export function changesOf({ request, settings }: Changeable, id: number): string | undefined {
  if (!settings.isEnabled) return `Disabled in the debug console: 'enable ${id}' there enables it.`;
  if (settings.condition === request.condition) return undefined;
  return settings.condition === undefined
    ? 'Its condition was removed in the debug console.'
    : `Its condition was set in the debug console: '${settings.condition}'.`;
}
