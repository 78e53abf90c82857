/**
 * What the symbol readers offer. Addresses are link-time (virtual) addresses as unsigned 64-bit `bigint`s.
 * Files are untrusted: every length and loop is bounded; what is damaged is reported in `Program.warnings`
 * and left out, it never throws later.
 */

import type { DebugInformation } from './c-types';
import type { Steps } from './steps';

export type ProgramErrorCode =
  | 'not-elf'
  | 'not-riscv'
  | 'not-64-bit'
  | 'big-endian'
  | 'not-executable'
  | 'truncated'
  | 'damaged'
  | 'empty';

/** A file that cannot be used at all. The message says what is wrong and what to do. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  readonly code: ProgramErrorCode;

  constructor(code: ProgramErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ProgramSegment {
  readonly virtualAddress: bigint;
  readonly physicalAddress: bigint;
  readonly data: Uint8Array;
  readonly memorySize: number;
  readonly executable: boolean;
}

export interface ProgramSymbol {
  readonly name: string;
  readonly address: bigint;
  /** Bytes; the distance to the next symbol of the section where the symbol table says 0. */
  readonly size: number;
  readonly kind: 'function' | 'object' | 'label' | 'absolute';
  readonly global: boolean;
}

/** A place in a source file. `file` is the path as the debug information gives it, joined with its directory. */
export interface SourceLine {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, 0 if unknown. */
  readonly column: number;
}

/** A row range of the line table: `[start, end)` belongs to one line. */
export interface LineRange extends SourceLine {
  readonly start: bigint;
  readonly end: bigint;
  readonly isStatement: boolean;
  /** A statement begins at `start`: there this row, or one before it of no length, is one. Compilers write both (gcc's views). */
  readonly startsStatement: boolean;
}

export interface SymbolTable {
  /** How many there are. */
  readonly count: number;
  /** Made when first asked for: all names are decoded then. Sorted by address. Functions, objects and labels; no mapping symbols (`$x`), no section or file symbols. */
  readonly symbols: readonly ProgramSymbol[];
  /** All with that name (static functions can share one). */
  named(name: string): readonly ProgramSymbol[];
  /** The symbol that `symbol+0xoff/0xsize` is printed with: the last function or label at or before the address, inside its bounds. */
  at(address: bigint): ProgramSymbol | undefined;
}

export interface LineTable {
  /** All files that the line tables name; a header without code is among them. */
  readonly files: readonly string[];
  /** Those of them that an assembler read. */
  readonly assemblyFiles: readonly string[];
  at(address: bigint): LineRange | undefined;
  /**
   * Addresses where a statement of this line starts, one for each contiguous run of rows, in address order. Empty if the
   * line has no code.
   */
  addresses(file: string, line: number): readonly bigint[];
  /** Lines of a file that have code, ascending. */
  lines(file: string): readonly number[];
  /**
   * Does what the first question for the lines or addresses of a file costs, a step at a time: a header of a kernel has code
   * in all of its units.
   */
  search(file: string): Steps<void>;
}

/** A member of a structure, found by name path: `thread.s`, `stackframe.type`. */
export interface MemberLayout {
  /** Bytes from the start of the outermost structure. */
  readonly offset: number;
  /** Bytes; 0 for a flexible array. */
  readonly size: number;
  /** Of a bit-field: where it is in the little-endian integer of `size` bytes at `offset`. */
  readonly bits?: { readonly shift: number; readonly width: number };
}

export interface StructLayout {
  readonly name: string;
  readonly size: number;
  readonly members: ReadonlyMap<string, MemberLayout>;
}

export interface TypeReader {
  /** Layout of `struct name` (or union) with nested members flattened as `outer.inner`; read lazily and kept. */
  struct(name: string): StructLayout | undefined;
  /** Value of an enumerator; those of negative value are negative. */
  enumerator(name: string): bigint | undefined;
}

/** Where the canonical frame address (CFA) is: the caller's sp (DWARF 5 §6.4.1). */
export type CfaRule =
  | { readonly kind: 'register'; readonly register: number; readonly offset: bigint }
  | { readonly kind: 'expression'; readonly expression: Uint8Array };

/** Where a register's value in the caller is (DWARF 5 §6.4.1). Offsets are in bytes, from the CFA. */
export type RegisterRule =
  | { readonly kind: 'undefined' }
  | { readonly kind: 'same' }
  | { readonly kind: 'offset'; readonly offset: bigint }
  | { readonly kind: 'value offset'; readonly offset: bigint }
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'expression'; readonly expression: Uint8Array }
  | { readonly kind: 'value expression'; readonly expression: Uint8Array };

/** How to find the caller of code at `[start, end)`. */
export interface CallFrameRow {
  readonly start: bigint;
  readonly end: bigint;
  readonly cfa: CfaRule;
  /**
   * By DWARF register number (RISC-V psABI: 0 to 31 are x0 to x31, 32 to 63 f0 to f31). For one that is absent the calling
   * convention decides.
   */
  readonly rules: ReadonlyMap<number, RegisterRule>;
  /** The register whose value in the caller is the return address. */
  readonly returnAddressRegister: number;
  /** True if what it finds is not where a call returns, but where a signal interrupted the caller. */
  readonly isSignalFrame: boolean;
}

/** Call frame information: `.debug_frame` and `.eh_frame`. */
export interface CallFrameTable {
  /** `undefined` where nothing covers the address, or what does is damaged. */
  at(address: bigint): CallFrameRow | undefined;
}

/** A label that may not be in the symbol table: found through the source text and the line table. */
export interface SourceLabel {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** Several for a label inside a macro or a repeated piece of text, one for each expansion. */
  readonly addresses: readonly bigint[];
}

/** Reads a source file's text by the path that the debug information gives; `undefined` if there is none. */
export type ReadSource = (file: string) => string | undefined;

export interface Program {
  readonly entry: bigint;
  readonly segments: readonly ProgramSegment[];
  readonly symbols: SymbolTable;
  /** `undefined` if the file has no line information. */
  readonly lines: LineTable | undefined;
  readonly types: TypeReader;
  /** `undefined` if the file has no call frame information. */
  readonly callFrames: CallFrameTable | undefined;
  /** `undefined` if the file has no debug information. */
  readonly debug: DebugInformation | undefined;
  /** Half-open ranges of executable sections (R18). */
  readonly text: readonly { readonly start: bigint; readonly end: bigint }[];
  /** What could not be read, one sentence each; grows when debug information is first read. */
  readonly warnings: readonly string[];
  /**
   * Does what the first questions about debug information cost, a step at a time: unpacks compressed sections and finds
   * these structures. What is left out is done when it is needed.
   */
  prepare(structures: readonly string[]): Steps<void>;
}
