/** Exit statuses other programs rely on; ARCHITECTURE.md, "Contracts". */
export const ExitStatus = {
  success: 0,
  /** What was asked for did not happen: the breakpoint was never hit. */
  failure: 1,
  /** Bad usage or files. */
  usage: 2,
  /** `--max-instructions` is reached, or the guest waits for input that cannot come. */
  limit: 3,
} as const;
