/** The kernel's log as text: as the kernel prints it on its console, and as `dmesg` does. */
import type { LogRecord } from '../kernel/log-record';
import type { ReadMemory } from '../unwind/types';
import type { Debuggee } from './api';
import { hartOfKernel, memoryOfWalk } from './harts';

/** `syslog(3)`, as util-linux' dmesg abbreviates them. */
const levels = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];
const facilities = ['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron'];

/** `emerg` to `debug`. */
export function levelName(level: number): string {
  return levels[level] ?? level.toString();
}

/** The newest `most` records, oldest first; `undefined` for a kernel that has no log. Before the MMU is on the image's own is read. */
export function kernelLog(debuggee: Debuggee, most?: number): readonly LogRecord[] | undefined {
  return debuggee.kernel.views.log(kernelData(debuggee), most);
}

/** The memory that all harts' kernels share. */
function kernelData(debuggee: Debuggee): ReadMemory {
  return memoryOfWalk(hartOfKernel(debuggee));
}

/** `    1.234567`: seconds with six digits behind the point, as the kernel prints them (`print_time()`). */
export function logTime(nanoseconds: bigint): string {
  const microseconds = (nanoseconds / 1000n) % 1_000_000n;
  return `${(nanoseconds / 1_000_000_000n).toString().padStart(5)}.${microseconds.toString().padStart(6, '0')}`;
}

/**
 * `[    1.234567] text`, with the prefix on each line of a message. `details` puts facility, level and caller in front:
 * `kern  :info  : [    1.234567] [    T1] text`.
 */
export function logText(records: readonly LogRecord[], details = false): string {
  return records
    .flatMap((record) => {
      const caller = details && record.caller !== undefined ? `[${record.caller.padStart(6)}] ` : '';
      const facility = facilities[record.facility] ?? record.facility.toString();
      const kind = details ? `${facility.padEnd(6)}:${levelName(record.level).padEnd(6)}: ` : '';
      return record.text
        .split('\n')
        .map((line) => `${kind}[${logTime(record.nanoseconds)}] ${caller}${line}`);
    })
    .join('\n');
}
