/** What this adapter adds to the protocol, for the extension and for other clients that want a console of their own. */

/** Request `riscvUnwind/consoleInput`: text for the guest's console, sent as UTF-8. */
export interface ConsoleInputArguments {
  readonly data: string;
}

/** Event `riscvUnwind/consoleOutput`, sent instead of `output` events when `launch` has `console: "integratedTerminal"`. */
export const consoleOutputEvent = 'riscvUnwind/consoleOutput';
export interface ConsoleOutputBody {
  /** Text as written, control characters included; characters never split. */
  readonly data: string;
}

/** Request `riscvUnwind/labels`: every place that "Break on Label…" can offer. */
export interface LabelsBody {
  readonly labels: readonly {
    /** As `setFunctionBreakpoints` takes it. */
    readonly name: string;
    /** On this machine if found, else as the debug information has it; empty if unknown. */
    readonly file: string;
    /** 1-based, 0 if unknown. */
    readonly line: number;
  }[];
}

/** Request `riscvUnwind/walk`: which walk call stacks show; without `walk` it only asks. */
export interface WalkArguments {
  readonly walk?: string;
}
export interface WalkBody {
  readonly choices: readonly { readonly walk: string; readonly chosen: boolean }[];
}

/** Request `riscvUnwind/compareWalks`: all walks of a thread's stack side by side; without a thread, of the hart that stopped. */
export interface CompareWalksArguments {
  readonly threadId?: number;
}
export interface CompareWalksBody {
  /** Plain text in columns. */
  readonly text: string;
}
