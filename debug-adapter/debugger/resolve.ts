/** Breakpoint SPECs: `symbol`, `symbol+0xoff`, `.local_label`, `1:`-style labels, `file:line`, `*0xaddress`. */
import type { Debuggee, Resolution } from './api';

/** A SPEC as typed by a person, or a function breakpoint's name. */
export function resolveSpec(debuggee: Debuggee, spec: string): Promise<Resolution> {
  return Promise.reject(new Error(`not yet ${debuggee.path} ${spec}`));
}

/**
 * A line of a file on this machine (a gutter breakpoint): moved to the next line with code. `source.file` of the result
 * is the debug path, `source.line` the line where it is.
 */
export function resolveLine(debuggee: Debuggee, path: string, line: number): Resolution {
  throw new Error(`not yet ${debuggee.path} ${path} ${line}`);
}

/** Lines of a file on this machine that have code, ascending, for `breakpointLocations`. */
export function codeLines(debuggee: Debuggee, path: string): readonly number[] {
  throw new Error(`not yet ${debuggee.path} ${path}`);
}

/** One link-time or physical address, as for an instruction breakpoint. */
export function resolveAddress(debuggee: Debuggee, address: bigint): Resolution {
  throw new Error(`not yet ${debuggee.path} ${address}`);
}
