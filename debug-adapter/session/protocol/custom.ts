/** What this adapter adds to the protocol, for the extension and for other clients that want a console of their own. */

import type { DebugProtocol as Dap } from '@vscode/debugprotocol';

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

/** Request `riscvUnwind/kernelTree`: what the kernel holds, as a tree of which a client asks for what it shows. */
export interface KernelTreeArguments {
  /** Whose children are wanted; the roots if not given. Ids are those of the current stop. */
  readonly node?: string;
  /** The first one, from 0. */
  readonly start?: number;
  /** At most so many; 200 if not given. */
  readonly count?: number;
}
export interface KernelTreeBody {
  readonly nodes: readonly KernelNode[];
  /** How many children there are in all. */
  readonly total: number;
}
export interface KernelNode {
  readonly id: string;
  readonly label: string;
  /** More of it, in the same line. */
  readonly description?: string;
  readonly tooltip?: string;
  readonly kind:
    | 'group'
    | 'task'
    | 'running task'
    | 'frame'
    | 'module'
    | 'memory'
    | 'hart'
    | 'interrupt'
    | 'pending interrupt'
    | 'variable'
    | 'message'
    | 'problem message';
  readonly hasChildren: boolean;
  /** Of a task: the thread that the client knows it as. */
  readonly threadId?: number;
  /** Of a frame: the place in its source. */
  readonly source?: Dap.Source;
  /** In the client's counting. */
  readonly line?: number;
  /** For what has a place in memory. */
  readonly memoryReference?: string;
  /** Of a value: an expression for watches, and for `setExpression` to change it. */
  readonly evaluateName?: string;
}

/** Request `riscvUnwind/kernelLog`: the whole log as text. */
export interface KernelLogBody {
  readonly text: string;
}

/** Request `riscvUnwind/compareWalks`: all walks of a thread's stack side by side; without a thread, of the hart that stopped. */
export interface CompareWalksArguments {
  readonly threadId?: number;
}
export interface CompareWalksBody {
  /** Plain text in columns. */
  readonly text: string;
}

/** Request `riscvUnwind/walkAddress`: the page-table walk of an address. The strings of the arguments are expressions. */
export interface WalkAddressArguments {
  readonly address: string;
  /** Another satp than the hart's. */
  readonly satp?: string;
  /** Whose registers, and whose hart; without it, those of the hart that stopped. */
  readonly frameId?: number;
}
export interface WalkAddressBody {
  /** Numbers are `0x…`, as all addresses are; physical ones but for the one that is walked. */
  readonly satp: string;
  /** `Sv39`, `Sv48`, `Sv57`, `bare` or `reserved`. */
  readonly mode: string;
  /** From the root table on. `entry` is absent where it cannot be read. */
  readonly levels: readonly {
    readonly level: number;
    readonly table: string;
    readonly index: number;
    readonly address: string;
    readonly entry?: string;
  }[];
  /** If the address is mapped: where, and the size of its page in bytes. */
  readonly physical?: string;
  readonly pageSize?: number;
  /** If it is not: which kind of fault, and why. */
  readonly fault?: 'page' | 'access';
  readonly reason?: string;
  /** All of it in plain text, with rights and PMP. */
  readonly text: string;
}

/** Request `riscvUnwind/stepping`: what steps do from now on; what is not given stays as it is. */
export interface SteppingArguments {
  /** Interrupts are held while instructions are stepped. */
  readonly holdInterrupts?: boolean;
  /** `task`: a step goes on when its task runs again; `hart`: it ends in the task that runs next. */
  readonly follows?: string;
}

/** Event `riscvUnwind/rebuilt`, sent once for each new build of the program under debug, unless `onRebuild` is `ignore` or `restart`. */
export const rebuiltEvent = 'riscvUnwind/rebuilt';
export interface RebuiltBody {
  /** A sentence for the user; `restart` runs the new program. */
  readonly message: string;
}

/** Event `riscvUnwind/stepping`, sent when what steps do has changed, by whatever means. */
export const steppingEvent = 'riscvUnwind/stepping';
export interface SteppingBody {
  readonly holdInterrupts: boolean;
  readonly follows: 'task' | 'hart';
}

/** Request `riscvUnwind/valueFormat`: how the variables view writes a register, or without one all of them. */
export interface ValueFormatArguments {
  /** `symbol` (hexadecimal with symbol), `hex`, `decimal`, `unsigned` or `binary`. */
  readonly format: string;
  /** Its name: `a0`, `sstatus`. */
  readonly register?: string;
}
