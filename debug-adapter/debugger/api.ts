/**
 * The debugger without a protocol: what `session/` (DAP) and `cli/` share. It joins a target, a program's symbols, the
 * kernel layer and the walks into things a person reads.
 */
import type { Kernel, Task } from '../kernel/api';
import type { Program, SourceLine } from '../symbols/api';
import type { ModulePrograms } from './module-programs';
import type { Steps } from '../symbols/steps';
import type { BlockStore } from '../target/create-target';
import type { AddressRange, Target, TargetStop } from '../target/target';
import type { Frame, WalkResult } from '../unwind/types';

/** How files come in. All paths are strings as the host has them; reads of missing files give `undefined`. */
export interface FileSystem {
  /** `signal` ends the wait for what does not come, as from a pipe; the result is `undefined` then. */
  readFile(path: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /**
   * What there is at a path; `undefined` for nothing. A stream, such as a pipe, can be read once and from its start only; a device,
   * such as a terminal, has no end.
   */
  kind(path: string): Promise<'file' | 'directory' | 'stream' | 'device' | undefined>;
  /**
   * A file of which only parts are needed, opened; `undefined` if that is not possible, or not for writing where that is asked for. It is
   * closed when nothing knows it any more.
   */
  open(path: string, write: boolean): Promise<HostFile | undefined>;
  /**
   * What is another text whenever a file was written or replaced, without reading it; `undefined` for nothing, and where that is not
   * known.
   */
  version?(path: string): Promise<string | undefined>;
  /** Absolute form of a path given by the user. */
  resolve(path: string): string;
  /**
   * Files below a directory whose name is `name` (for the longest matching suffix); bounded, skips node_modules and .git.
   * Asked once for each source file of a program: implementations keep what they have seen of a directory.
   */
  findByName(directory: string, name: string): Promise<readonly string[]>;
}

/** An open file of the host. */
export interface HostFile extends BlockStore {
  /** False once somebody else has written to it: what was read of it and what is read now do not belong together. */
  isAsOpened?(): boolean;
}

/** A disk image in a file. What the guest writes is kept in memory only, unless `write` says that it goes to the file. */
export interface DiskOption {
  readonly file: string;
  readonly write?: boolean;
}

/** The options of `launch` and of the command line; see ARCHITECTURE.md "Contracts". */
export interface LaunchOptions {
  /** An ELF file or Linux's flat `Image`, either of them compressed with gzip or not. */
  readonly program: string;
  /** The ELF file with the symbols of `program`, where that has none itself. */
  readonly symbols?: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly smp?: number;
  /** `256M`, `1G`, or a number of bytes. */
  readonly memory?: string | number;
  /** `builtin`, `none`, or a file. */
  readonly firmware?: string;
  readonly dtb?: string;
  /** One or several, by file or with what else there is to say. */
  readonly disk?: string | DiskOption | readonly (string | DiskOption)[];
  /** What the real-time clock shows at power-on: a time in ISO 8601, or `now`. */
  readonly rtc?: string;
  /** 64 bits from which all that the entropy device gives follows: a number, or a string in decimal or as 0x…. */
  readonly seed?: string | number;
  /** What the harts execute, such as `rv64gc`; all that the machine has if not given. */
  readonly isa?: string;
  /** 64 bits, as a number or in text (`0x…`), for a kernel that moves itself. */
  readonly kaslrSeed?: string | number;
  /** Hot code is translated to WebAssembly; false leaves all to the interpreter. Default true. */
  readonly translate?: boolean;
  /** Calls are recorded as they happen, so that the true call stack can be shown. Nothing is translated then. Default false. */
  readonly recordCalls?: boolean;
  readonly maxInstructions?: number;
  /** Prefix of a path in the debug information → prefix on this machine. */
  readonly sourceFileMap?: Readonly<Record<string, string>>;
  /**
   * Folders searched for sources with all that lies below them, e.g. the workspace. Default: the program's; with
   * it the folder above is looked into, by path.
   */
  readonly sourceFolders?: readonly string[];
  /** Folders below which the files of modules are, besides that of the kernel. */
  readonly modulePaths?: readonly string[];
}

/** An error that the user can mend: the message is a sentence that says what to do. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** News of a kernel that boots, for those who have resolved addresses in it. */
export interface BootEvents {
  /**
   * Called while the machine stands still in the midst of a run, when `Kernel.slide`, `Kernel.initFreed` or `Kernel.code` have changed, or a
   * module has come or goes: breakpoints are to be resolved anew. The run goes on when it is done.
   */
  onChange: () => void | Promise<void>;
}

/** A file as it was when it was read. */
export interface FileVersion {
  /** Absolute. */
  readonly path: string;
  /** As `FileSystem.version` had it. */
  readonly version: string;
}

/** A program loaded into a machine that has not run yet. */
export interface Debuggee {
  /** The kernel, with the modules that it has loaded by now. */
  readonly program: Program;
  readonly modules: ModulePrograms;
  /** For what may take long, such as the first question for the lines of a header. */
  readonly perform: Perform;
  readonly kernel: Kernel;
  readonly target: Target;
  readonly boot: BootEvents;
  /** Physical addresses of the code of firmware that is the user's; the built-in one is none of the guest's. */
  readonly firmware: readonly AddressRange[];
  readonly sources: SourceMap;
  /** The path of `options.program` as resolved. */
  readonly path: string;
  /** What `program` was read from: the kernel, and its symbols if they are in another file. Streams are left out. */
  readonly files: readonly FileVersion[];
  /** Sentences worth showing once: no debug information, damaged sections. */
  readonly warnings: readonly string[];
}

export interface SourceMap {
  /** The file on this machine for a path of the debug information, or `undefined`; `hint` says what to do then. */
  locate(file: string): Promise<string | undefined>;
  /** Paths of the debug information that this file on the machine stands for. */
  debugPaths(path: string): Promise<readonly string[]>;
  /** Text by debug path, if found. */
  text(file: string): Promise<string | undefined>;
  /** For an unmapped file: which prefix to add to `sourceFileMap`. */
  hint(file: string): Promise<string>;
}

/** `symbol+0xoff/0xsize` and its line, at one pc. */
export interface Location {
  readonly pc: bigint;
  /** True when pc is a physical address whose symbol was found by the boot offset. */
  readonly physical: boolean;
  readonly symbol: string | undefined;
  /** The module that the symbol is of; `undefined` in the kernel's image. */
  readonly module: string | undefined;
  readonly offset: number;
  readonly size: number;
  readonly source: SourceLine | undefined;
}

/** A row of a frame of the walk. */
export interface FrameRow {
  readonly kind: 'frame';
  readonly frame: Frame;
  readonly location: Location;
  /** `handle_exception+0x5e/0x13c (P)`. */
  readonly text: string;
  /** How many rows of functions that were inlined there stand before it; absent for none. */
  readonly inlined?: number;
}

/** A row of the call stack as shown. */
export type StackRow =
  | FrameRow
  /** A function that was inlined at the pc of the frame of a row further down; no walk has a frame for it. */
  | {
      readonly kind: 'inlined';
      readonly in: FrameRow;
      /** How many functions inlined there are inside of it: 0 for the innermost. */
      readonly inlined: number;
      readonly name: string;
      /** Where in it the code is. */
      readonly source: SourceLine | undefined;
      /** Where it was called, in the next outer function. */
      readonly callSite: SourceLine | undefined;
      /** `pick_next_task (inlined)`. */
      readonly text: string;
    }
  /** An exception boundary or a change of stack: `── exception: load page fault at 0x…, from kernel, pt_regs at 0x… ──`. */
  | { readonly kind: 'separator'; readonly text: string }
  /** R20: whether the kernel may rely on the walk, or why not. */
  | { readonly kind: 'verdict'; readonly text: string }
  /** User code below the kernel's frames, if its stack can be read: `user 0x1077c`. */
  | { readonly kind: 'user'; readonly pc: bigint; readonly text: string }
  /** How the walk ended: `FINAL: entered from user mode`, or the rule broken. */
  | { readonly kind: 'end'; readonly text: string; readonly rule: string; readonly ok: boolean };

export interface CallStack {
  readonly task: Task | undefined;
  readonly walk: WalkResult;
  readonly rows: readonly StackRow[];
}

/** Where a breakpoint SPEC leads: link-time addresses and what was found there. */
export interface ResolvedSpec {
  readonly kind: 'resolved';
  /** Link-time addresses, ascending. */
  readonly addresses: readonly bigint[];
  /** All addresses to arm: virtual as the kernel runs now, and physical before the MMU is on. The first is that of `addresses[0]`. */
  readonly armed: readonly bigint[];
  /** `handle_exception at 0xffffffff80001000, also 0x80201000 before the MMU is on`. */
  readonly description: string;
  /** The line that the first address has; for a line without code it is the next line with code. */
  readonly source: SourceLine | undefined;
}

/** Why a SPEC leads nowhere: a sentence that says what to do. */
export interface UnresolvedSpec {
  readonly kind: 'unresolved';
  readonly reason: string;
}

export type Resolution = ResolvedSpec | UnresolvedSpec;

export type StepKind = 'in' | 'over' | 'out';
export type Granularity = 'statement' | 'instruction';

/** What a step does besides stepping. */
export interface StepPolicy {
  /** Interrupts are not taken on the stepped hart while its instructions are stepped. They are taken while a call or a trap is run over. */
  readonly holdInterrupts: boolean;
  /**
   * What a step over or out of something goes with when the hart changes to another task: `task` goes on until the task runs
   * again, on whichever hart; `hart` ends in the task that runs next on that hart.
   */
  readonly follows: 'task' | 'hart';
}

export const defaultStepPolicy: StepPolicy = { holdInterrupts: true, follows: 'task' };

export interface StepOptions {
  /** Default: `defaultStepPolicy`. */
  readonly policy?: StepPolicy;
  /** For a step in: the address, as a pc holds it, of the call, trap or inlined function on this line that is to be entered. */
  readonly into?: bigint;
}

/** How a step ended. `refused`: nothing ran, and why. A breakpoint, trap, pause or exit can end a step early. */
export type StepOutcome = TargetStop | { readonly kind: 'refused'; readonly reason: string };

/**
 * Does long work in small pieces, so that the session stays awake, with a title for a progress display. Rejects with
 * `Cancelled` if the user has had enough.
 */
export type Perform = <T>(title: string, steps: Steps<T>) => Promise<T>;

/** The user has ended a piece of work early. */
export class Cancelled extends UserError {}

/** What `launch` needs of its host besides files. */
export interface LaunchHost {
  /** Told what is being done, for a progress display. */
  readonly progress?: (message: string) => void;
  /** Keep an idle guest near real time, so that its timer ticks do not keep the host busy. Default false. */
  readonly pace?: boolean;
  /** Ends the launch early: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Default: all at once. */
  readonly perform?: Perform;
}
