/** From the options of a launch to a machine that has the kernel in memory and has not run yet. */
import type { Debuggee, FileSystem, LaunchHost, LaunchOptions } from './api';

/** Rejects with `UserError` for everything that the user can mend. */
export function launch(options: LaunchOptions, files: FileSystem, host: LaunchHost = {}): Promise<Debuggee> {
  return Promise.reject(new Error(`not yet: ${options.program} ${typeof files} ${typeof host}`));
}
