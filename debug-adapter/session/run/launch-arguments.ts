/** The `launch` request's arguments, checked option by option: what launch.json holds may be anything. */
import { defaultStepPolicy, type LaunchOptions, type StepPolicy } from '../../debugger/api';
import { walkChoices, type WalkChoice } from '../../debugger/walks';
import { badOption, missingProgram } from '../errors';
import { unknownAttributes } from './unknown-attributes';

export type ConsoleKind = 'debugConsole' | 'integratedTerminal';

export interface LaunchArguments {
  readonly options: LaunchOptions;
  readonly noDebug: boolean;
  readonly stopOnEntry: boolean;
  /**
   * Where the guest's console goes: as `output` events to the debug console, or as custom events to a terminal that the
   * client makes (`custom.ts`).
   */
  readonly console: ConsoleKind;
  /** How call stacks are unwound. */
  readonly walk: WalkChoice;
  /** What steps do at first: `holdInterrupts` and `stepFollows` of launch.json. */
  readonly stepPolicy: StepPolicy;
  /** What happens when the program was built anew while it runs. */
  readonly onRebuild: OnRebuild;
  /** Sentences about attributes that there are not. */
  readonly warnings: readonly string[];
}

/** `ask`: the client is told, and shows it; `restart`: the new program is run at once. */
type OnRebuild = (typeof rebuildChoices)[number];
const rebuildChoices = ['ask', 'restart', 'ignore'] as const;

interface Check {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

const text: Check = { expected: 'a string', holds: (value) => typeof value === 'string' };
const file: Check = {
  expected: "a file's path",
  holds: (value) => typeof value === 'string' && value !== '',
};
const positive: Check = {
  expected: 'a positive whole number',
  holds: (value) => Number.isSafeInteger(value) && (value as number) > 0,
};
const size: Check = {
  expected: 'a size such as "256M" or a number of bytes',
  holds: (value) => positive.holds(value) || (typeof value === 'string' && value !== ''),
};
const seed: Check = {
  expected: 'a number, or a string such as "0x1234"',
  holds: (value) => typeof value === 'number' || (typeof value === 'string' && value !== ''),
};
const disk: Check = {
  expected: 'a file\'s path, { "file": …, "write": true }, or a list of these',
  holds: (value) => (Array.isArray(value) ? value.every(isDisk) : isDisk(value)),
};
const flag: Check = { expected: 'true or false', holds: (value) => typeof value === 'boolean' };
const prefixes: Check = {
  expected: 'an object from path prefixes in the debug information to folders on this machine',
  holds: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((folder) => typeof folder === 'string'),
};
const folders: Check = {
  expected: 'a list of folders',
  holds: (value) => Array.isArray(value) && value.every((folder) => typeof folder === 'string'),
};

const machineOptions: Readonly<Record<keyof LaunchOptions, Check>> = {
  program: file,
  symbols: file,
  initrd: file,
  append: text,
  smp: positive,
  memory: size,
  firmware: { ...file, expected: '"builtin", "none", or a firmware file\'s path' },
  dtb: file,
  disk,
  rtc: { ...file, expected: 'a time such as "2026-01-31T12:00:00Z", or "now"' },
  seed,
  isa: { ...file, expected: 'an ISA string such as "rv64gc"' },
  kaslrSeed: seed,
  translate: flag,
  recordCalls: flag,
  maxInstructions: positive,
  sourceFileMap: prefixes,
  sourceFolders: folders,
  modulePaths: folders,
};

type SessionOption =
  Exclude<keyof LaunchArguments, 'options' | 'stepPolicy' | 'warnings'> | 'holdInterrupts' | 'stepFollows';

const sessionOptions: Readonly<Record<SessionOption, Check>> = {
  noDebug: flag,
  stopOnEntry: flag,
  console: {
    expected: '"debugConsole" or "integratedTerminal"',
    holds: (value) => value === 'debugConsole' || value === 'integratedTerminal',
  },
  walk: {
    expected: `one of ${walkChoices.map((choice) => `"${choice}"`).join(', ')}`,
    holds: isWalk,
  },
  holdInterrupts: flag,
  stepFollows: { expected: '"task" or "hart"', holds: isFollows },
  onRebuild: {
    expected: '"ask", "restart" or "ignore"',
    holds: (value) => (rebuildChoices as readonly unknown[]).includes(value),
  },
};

/** Throws a `RequestError` that names the first option that is wrong. Of those that we do not know see `warnings`. */
export function parseLaunchArguments(args: object): LaunchArguments {
  const given = args as Readonly<Record<string, unknown>>;
  const checks = Object.entries({ ...machineOptions, ...sessionOptions });
  const warnings = unknownAttributes(
    given,
    checks.map(([name]) => name),
  );
  if (isAbsent(given['program']) || given['program'] === '') throw missingProgram(warnings);
  const checked: Record<string, unknown> = {};
  for (const [name, check] of checks) {
    const value = given[name];
    if (isAbsent(value)) continue;
    if (!check.holds(value)) throw badOption(name, value, check.expected);
    checked[name] = value;
  }
  const {
    noDebug = false,
    stopOnEntry = false,
    console = 'debugConsole',
    walk = 'default',
    holdInterrupts = defaultStepPolicy.holdInterrupts,
    stepFollows = defaultStepPolicy.follows,
    onRebuild = 'ask',
    ...options
  } = checked;
  // What really happened is known only if it was recorded.
  const recording = walk === 'true' ? { recordCalls: true } : {};
  return {
    options: { ...recording, ...options } as unknown as LaunchOptions,
    noDebug: noDebug as boolean,
    stopOnEntry: stopOnEntry as boolean,
    console: console as ConsoleKind,
    walk: walk as WalkChoice,
    stepPolicy: {
      holdInterrupts: holdInterrupts as boolean,
      follows: stepFollows as StepPolicy['follows'],
    },
    onRebuild: onRebuild as OnRebuild,
    warnings,
  };
}

/** `null` is how JSON says that an option is not given. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

export function isWalk(value: unknown): value is WalkChoice {
  return (walkChoices as readonly unknown[]).includes(value);
}

export function isFollows(value: unknown): value is StepPolicy['follows'] {
  return value === 'task' || value === 'hart';
}

function isDisk(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  if (typeof value !== 'object' || value === null) return false;
  const { file: path, write = false } = value as { file?: unknown; write?: unknown };
  return file.holds(path) && flag.holds(write);
}
