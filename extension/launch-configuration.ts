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

const pathAttributes = ['program', 'initrd', 'dtb', 'firmware'];
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
    const value = configuration[attribute];
    if (typeof value !== 'string' || value === '' || isAbsolute(value) || folder === undefined) continue;
    if (attribute === 'firmware' && firmwareNames.has(value)) continue;
    completed[attribute] = resolve(folder, value);
  }
  return completed as LaunchConfiguration;
}
