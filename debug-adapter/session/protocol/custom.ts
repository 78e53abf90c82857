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
