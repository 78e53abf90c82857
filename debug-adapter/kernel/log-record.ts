/** What all forms of the kernel's log hold (kernel/printk/printk.c). */
import type { KernelMemory } from './kernel-memory';

/** One message, as `printk()` was given it. */
export interface LogRecord {
  /** Counts from 0 in the order of writing; gaps are messages that were overwritten or never finished. */
  readonly sequence: bigint;
  /** Of the kernel's clock; all that came before that runs have 0. */
  readonly nanoseconds: bigint;
  /** 0 (emergency) to 7 (debug). */
  readonly level: number;
  /** 0 for the kernel itself; what user space writes to /dev/kmsg has others (`syslog(3)`). */
  readonly facility: number;
  /** Who wrote it: `T123` a task by pid, `C1` a CPU outside of any; `undefined` where the kernel does not note it. */
  readonly caller: string | undefined;
  /** Without a newline at its end; may have some inside. Bytes that are no printable text are written as `\x1b`. */
  readonly text: string;
}

/** A way of keeping the log. Reads are bounded; records that cannot be read are left out. */
export interface LogReader {
  /** The newest `most` records, oldest first; `undefined` if there is no such buffer. */
  read(memory: KernelMemory, most: number): readonly LogRecord[] | undefined;
}

/** More than the largest buffer that can be configured (CONFIG_LOG_BUF_SHIFT 25) has room for in practice. */
export const mostRecords = 1 << 17;

/** `printk_caller_id()`: the highest bit tells a CPU's number from a task's pid (kernel/printk/printk.c). */
export function callerOf(id: number | undefined): string | undefined {
  if (id === undefined) return undefined;
  return id >>> 31 === 0 ? `T${id}` : `C${id & 0x7fff_ffff}`;
}

const unprintable = /[^\t\n -~\u00a0-\uffff]/g;

/** What a message says. Guest memory may hold anything, and a log is read in a terminal. */
export function messageText(bytes: Uint8Array): string {
  return new TextDecoder()
    .decode(bytes)
    .replace(unprintable, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(/\n$/, '');
}
