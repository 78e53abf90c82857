/** The command line's options: one table for parsing, `--help` and the hints on what was mistyped. */
import { dirname, resolve } from 'node:path';
import type { DiskOption, LaunchOptions } from '../debugger/api';

export interface OptionSpec {
  readonly name: string;
  /** Placeholder of its value in the help; absent for a flag. */
  readonly value?: string;
  readonly help: string;
  /** May be given several times; its values come as a list. */
  readonly repeatable?: true;
}

/**
 * Options of the machine, shared by `run` and `stack`; the launch configuration has the same in camelCase, `--no-NAME` as `NAME`
 * that is false.
 */
export const machineOptions: readonly OptionSpec[] = [
  {
    name: 'symbols',
    value: 'FILE',
    help: 'ELF file with the symbols of KERNEL where that has none: the vmlinux for an Image',
  },
  { name: 'initrd', value: 'FILE', help: 'initial RAM disk, told to the kernel in the device tree' },
  { name: 'append', value: 'STRING', help: 'kernel command line' },
  { name: 'smp', value: 'N', help: 'harts, 1 to 8 (default 1)' },
  { name: 'memory', value: 'SIZE', help: 'RAM at 0x80000000, e.g. 256M (default 128M)' },
  {
    name: 'firmware',
    value: 'builtin|none|FILE',
    help: 'what runs below the kernel: the built-in SBI, nothing (M-mode at the entry), or a firmware image. Default: builtin; none for an ELF that starts at 0x80000000',
  },
  { name: 'dtb', value: 'FILE', help: 'device tree blob instead of the built-in one' },
  {
    name: 'disk',
    value: 'FILE[,write]',
    help: 'raw image of /dev/vda; a second one is /dev/vdb. What the guest writes is forgotten at the end, unless ",write" keeps it in FILE',
    repeatable: true,
  },
  {
    name: 'rtc',
    value: 'TIME|now',
    help: 'what the real-time clock shows at power-on (default 2026-01-01T00:00:00Z, so that runs repeat)',
  },
  {
    name: 'seed',
    value: 'N',
    help: 'what the guest draws from the entropy device follows from it (default 0)',
  },
  {
    name: 'isa',
    value: 'STRING',
    help: 'what the harts execute, e.g. rv64gc or rv64imac_zba_zbb (default: all that there is)',
  },
  {
    name: 'kaslr-seed',
    value: 'N',
    help: 'let a kernel with CONFIG_RANDOMIZE_BASE move itself, the same way for the same number',
  },
  {
    name: 'no-translate',
    help: 'leave all code to the interpreter, to find out whether the translator is at fault',
  },
  {
    name: 'record-calls',
    help: 'record calls as they happen, for the true call stack; nothing is translated then',
  },
  { name: 'max-instructions', value: 'N', help: 'stop after N instructions, counted over all harts' },
];

/** `sourceFileMap` of the launch configuration. */
export const sourceMapOption: OptionSpec = {
  name: 'source-map',
  value: 'FROM=TO',
  repeatable: true,
  help: 'sources that the debug information has below FROM are below TO on this machine; may be given several times',
};

/** `modulePaths` of the launch configuration. */
export const modulePathOption: OptionSpec = {
  name: 'module-path',
  value: 'DIR',
  repeatable: true,
  help: "the files of the kernel's modules (.ko) are below DIR; may be given several times",
};

export const helpOption: OptionSpec = { name: 'help', help: 'show this help' };

export type OptionValues = Readonly<Record<string, string | true | readonly string[] | undefined>>;

/** Options of the machine as `launch` takes them. Throws `UsageError` for a number that is none. */
export function launchOptions(program: string, values: OptionValues): LaunchOptions {
  const smp = numberOption(values, 'smp');
  const maxInstructions = numberOption(values, 'max-instructions');
  const kaslrSeed = values['kaslr-seed'];
  const sourceFileMap = prefixMap(values['source-map']);
  const modulePaths = [values['module-path'] ?? []].flat().filter((value) => typeof value === 'string');
  const disks = [values['disk'] ?? []].flat().filter((value) => typeof value === 'string');
  return {
    program,
    // Where people are when they debug, and where kernels lie.
    sourceFolders: [process.cwd(), dirname(resolve(program))],
    ...stringOption(values, 'symbols'),
    ...stringOption(values, 'initrd'),
    ...stringOption(values, 'append'),
    ...stringOption(values, 'memory'),
    ...stringOption(values, 'firmware'),
    ...stringOption(values, 'dtb'),
    ...stringOption(values, 'isa'),
    ...stringOption(values, 'rtc'),
    ...stringOption(values, 'seed'),
    ...(disks.length > 0 && { disk: disks.map(diskOption) }),
    ...(typeof kaslrSeed === 'string' && { kaslrSeed }),
    ...(smp !== undefined && { smp }),
    ...(values['no-translate'] !== undefined && { translate: false }),
    ...(values['record-calls'] !== undefined && { recordCalls: true }),
    ...(maxInstructions !== undefined && { maxInstructions }),
    ...(sourceFileMap && { sourceFileMap }),
    ...(modulePaths.length > 0 && { modulePaths }),
  };
}

/** `FROM=TO` each; FROM ends at the first `=`. Throws `UsageError` for one without either. */
function prefixMap(values: OptionValues[string]): Readonly<Record<string, string>> | undefined {
  if (!Array.isArray(values)) return undefined;
  const entries = (values as readonly string[]).map((value) => {
    const match = /^([^=]+)=(.+)$/s.exec(value);
    if (match) return [match[1]!, resolve(match[2]!)] as const;
    throw new UsageError(
      `--source-map '${value}' maps nothing: write FROM=TO, e.g. --source-map /usr/src/linux=$HOME/linux.`,
    );
  });
  return Object.fromEntries(entries);
}

/** Only the end of a value can be a word of ours: file names have commas too. */
function diskOption(value: string): DiskOption {
  const file = value.replace(/,write$/, '');
  return { file, write: file !== value };
}

function stringOption<K extends string>(values: OptionValues, name: K): Partial<Record<K, string>> {
  const value = values[name];
  return typeof value === 'string' ? ({ [name]: value } as Record<K, string>) : {};
}

/** A whole number, decimal or 0x…; `undefined` if the option is not given. */
export function numberOption(values: OptionValues, name: string): number | undefined {
  const value = values[name];
  if (typeof value !== 'string') return undefined;
  const number = /^(0x[0-9a-f]{1,13}|\d{1,15})$/i.test(value) ? Number(value) : NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new UsageError(`--${name} needs a whole number, not '${value}'.`);
}

/** A command line that cannot be understood; the message is a sentence that says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
