/** Launch configurations of type `riscv-unwind`, without VS Code: making one for a kernel, and completing the user's. */
import { basename, isAbsolute, resolve } from 'node:path';
import { replacesFirmware } from './kernel-image';
import type { FoundKernel } from './kernel-search';

export const debugType = 'riscv-unwind';

/** The attributes that the extension itself reads; package.json describes all of them. */
export interface LaunchConfiguration {
  readonly type: string;
  readonly name: string;
  readonly request: string;
  readonly program?: string;
  readonly [attribute: string]: unknown;
}

/** The configuration that F5 uses for a kernel when there is no launch.json. */
export function configurationFor(kernel: FoundKernel): LaunchConfiguration {
  return {
    type: debugType,
    request: 'launch',
    name: `Boot ${basename(kernel.path)}`,
    program: kernel.path,
    ...(replacesFirmware(kernel) ? { firmware: 'none' } : {}),
  };
}

const pathAttributes = ['program', 'symbols', 'initrd', 'dtb', 'firmware', 'disk'];
/** Values of `firmware` that are no files. */
const firmwareNames = new Set(['builtin', 'none']);

/**
 * Makes relative paths absolute and names the folders to search for sources: the adapter does not know the workspace.
 * @param folder the folder that relative paths start from
 * @param workspaceFolders all open folders
 */
export function completeConfiguration(
  configuration: LaunchConfiguration,
  folder: string | undefined,
  workspaceFolders: readonly string[],
): LaunchConfiguration {
  const completed: Record<string, unknown> = {
    console: 'integratedTerminal',
    sourceFolders: workspaceFolders,
    ...configuration,
  };
  // VS Code would put the Debug Console before the guest's terminal.
  if (completed['console'] === 'integratedTerminal') completed['internalConsoleOptions'] ??= 'neverOpen';
  for (const attribute of pathAttributes) {
    if (configuration[attribute] === undefined || folder === undefined) continue;
    completed[attribute] = absolute(configuration[attribute], folder, attribute === 'firmware');
  }
  return completed as LaunchConfiguration;
}

/** Paths as strings, in a list, or as the `file` of an object; what is none of these stays for the adapter to complain about. */
function absolute(value: unknown, folder: string, isFirmware: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => absolute(item, folder, isFirmware));
  if (typeof value === 'object' && value !== null && 'file' in value) {
    return { ...value, file: absolute(value.file, folder, isFirmware) };
  }
  if (typeof value !== 'string' || value === '' || isAbsolute(value)) return value;
  return isFirmware && firmwareNames.has(value) ? value : resolve(folder, value);
}
