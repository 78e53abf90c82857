/** Return addresses that a tracer keeps while its trampoline is in their place on the stack. */
import type { ReturnCookies } from '../unwind/types';
import type { Task } from './api';
import type { KernelMemory } from './kernel-memory';

export interface KeptReturn {
  readonly pc: bigint;
  /** Of the word that holds it. */
  readonly address: bigint;
  /** True if it was kept for the call that is known by this. */
  readonly isOf: (at: ReturnCookies) => boolean;
}

/** A mechanism of the kernel that replaces return addresses, one list for each task. */
export interface ReturnTracer {
  readonly rule: 'R14' | 'R15';
  readonly mark: 'F' | 'K';
  /** What functions return to instead: its symbol, where that is linked, and its bytes. */
  readonly trampoline: { readonly name: string; readonly address: bigint; readonly size: number };
  /** For people: `ret_stack`. */
  readonly list: string;
  /** The structures that are looked up for it. */
  readonly types: readonly string[];
  /**
   * While the trampoline runs: s0 of the function in which it goes on, by its own s0; `undefined` if that leads to a frame record.
   * @param trampoline where it runs
   */
  callerFp(fp: bigint, trampoline: bigint, memory: KernelMemory): bigint | undefined;
  /** Those of a task, innermost call first; why there are none to be had, otherwise. Bounded. */
  read(task: Task, memory: KernelMemory): readonly KeptReturn[] | string;
}
