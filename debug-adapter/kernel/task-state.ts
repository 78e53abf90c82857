/** What a task does, as `ps` and the kernel's own traces name it (Linux 7.3 include/linux/sched.h, fs/proc/array.c). */

export interface TaskState {
  /** As `ps` and sysrq-t print it: `R`, `S`, `D`, `T`, `t`, `X`, `Z`, `P`, `I`. */
  readonly letter: string;
  readonly words: string;
}

const uninterruptible = 0x2;
const noLoad = 0x400;
/** TASK_REPORT: the bits that have a name of their own; TASK_PARKED is the highest that is reported. */
const reported = 0x7f;

/** By the highest bit that is set, 1-based as `fls()` counts; 0 is none. */
const states: readonly TaskState[] = [
  { letter: 'R', words: 'running or runnable' },
  { letter: 'S', words: 'sleeping' },
  { letter: 'D', words: 'disk sleep' },
  { letter: 'T', words: 'stopped' },
  { letter: 't', words: 'tracing stop' },
  { letter: 'X', words: 'dead' },
  { letter: 'Z', words: 'zombie' },
  { letter: 'P', words: 'parked' },
];
const idle: TaskState = { letter: 'I', words: 'idle' };

/** From `task_struct.__state` and `exit_state`. */
export function taskState(state: number, exitState: number): TaskState {
  const isIdle = (uninterruptible | noLoad) === (state & (uninterruptible | noLoad));
  if (isIdle && exitState === 0) return idle;
  const bits = (state | exitState) & reported;
  return states[bits === 0 ? 0 : 32 - Math.clz32(bits)]!;
}
