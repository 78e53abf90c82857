/**
 * What debug information says of a C program: its types, its variables and where they are, which functions are inlined where.
 * Types are read when they are asked for, a member at a time: `task_struct` refers to most of a kernel.
 */
import type { CallFrameRow, SourceLine } from './api';
import type { Steps } from './steps';

/** A type. Sizes are in bytes. Getters read debug information; a cycle (`struct list_head`) is one of getters. */
export type CType =
  | { readonly kind: 'void' }
  | {
      readonly kind: 'integer';
      readonly name: string;
      readonly size: number;
      readonly signed: boolean;
      /** What a value is shown as besides its number. */
      readonly as: 'number' | 'character' | 'boolean';
    }
  | { readonly kind: 'float'; readonly name: string; readonly size: number }
  | { readonly kind: 'pointer'; readonly size: number; readonly target: CType }
  /** `count` is undefined for a flexible array, and where it is known at run time only. */
  | {
      readonly kind: 'array';
      readonly element: CType;
      readonly count: number | undefined;
      readonly size: number;
    }
  | CAggregate
  | CEnumeration
  | { readonly kind: 'typedef'; readonly name: string; readonly size: number; readonly type: CType }
  | {
      readonly kind: 'qualified';
      readonly qualifier: 'const' | 'volatile' | 'restrict' | '_Atomic';
      readonly size: number;
      readonly type: CType;
    }
  | {
      readonly kind: 'function';
      readonly result: CType;
      readonly parameters: readonly CType[];
      readonly variadic: boolean;
    }
  /** What the debug information does not say, or says in a way that is damaged or that no C compiler writes. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface CAggregate {
  readonly kind: 'struct' | 'union';
  /** `undefined` for one without a tag. */
  readonly name: string | undefined;
  readonly size: number;
  /** In order of declaration; those of an incomplete type that is defined nowhere: none, and `complete` is false. */
  readonly members: readonly CMember[];
  readonly complete: boolean;
  /** A member by name, also one of an anonymous structure or union inside; the offset is then that in this structure. */
  member(name: string): CMember | undefined;
}

export interface CMember {
  /** `undefined` for an anonymous structure or union. */
  readonly name: string | undefined;
  /** Bytes from the start of the structure: of a bit-field, those of the unit of `type`'s size that holds it. */
  readonly offset: number;
  readonly type: CType;
  /** Of a bit-field: where it is in the little-endian integer of `type`'s size at `offset`. */
  readonly bits: { readonly shift: number; readonly width: number } | undefined;
}

export interface CEnumeration {
  readonly kind: 'enum';
  readonly name: string | undefined;
  readonly size: number;
  readonly signed: boolean;
  readonly enumerators: readonly { readonly name: string; readonly value: bigint }[];
}

/** What a location is computed from: one frame, as the walk found it. Numbers of registers are DWARF's (0 to 31: x0 to x31). */
export interface FrameContext {
  /** Link-time address of the instruction; of a caller the one that the call is part of (return address - 1). */
  readonly pc: bigint;
  /** `undefined` for one that is not known in this frame. */
  readonly register: (index: number) => bigint | undefined;
  /** All of the range or nothing. */
  readonly memory: (address: bigint, length: number) => Uint8Array | undefined;
  /** The frame's canonical frame address; `undefined` if call frame information does not tell. */
  readonly cfa: () => bigint | undefined;
  /** The context of the caller, for entry values; `undefined` if there is none. */
  readonly caller: () => FrameContext | undefined;
  /** Link-time address to that at which the program runs (`Kernel.runAddresses`). */
  readonly runAddress: (linked: bigint) => bigint;
}

/** A piece of a value. Bits are those of a little-endian value; `width` in bits. */
export type LocationPiece =
  | { readonly kind: 'memory'; readonly address: bigint; readonly width: number | undefined }
  | { readonly kind: 'register'; readonly register: number; readonly width: number | undefined }
  /** It has a value and no place: what the compiler has computed away. */
  | { readonly kind: 'value'; readonly bytes: Uint8Array; readonly width: number | undefined }
  | { readonly kind: 'optimized out'; readonly width: number | undefined };

export type VariableLocation =
  | { readonly kind: 'pieces'; readonly pieces: readonly LocationPiece[] }
  /** `<optimized out>`: nothing says where it is at this pc. */
  | { readonly kind: 'optimized out' }
  /** It is somewhere, but what that takes is not known here: a register of a caller, memory that cannot be read. */
  | { readonly kind: 'unavailable'; readonly reason: string };

export interface CVariable {
  readonly name: string;
  readonly kind: 'parameter' | 'local' | 'static' | 'global';
  readonly type: CType;
  readonly declaration: SourceLine | undefined;
  /** Never throws. For statics and globals a context without registers does. */
  locate(context: FrameContext): VariableLocation;
}

/** A function, or one that was inlined, that contains a pc. */
export interface FunctionScope {
  /** The same at every pc of a function, or of one inlined copy of it, and of no other: it tells whether a step has left it. */
  readonly id: number;
  readonly name: string;
  /** Where it was inlined, in the next outer one; `undefined` for the function itself. */
  readonly callSite: SourceLine | undefined;
  readonly declaration: SourceLine | undefined;
  /** Link-time address of its first instruction. */
  readonly entry: bigint | undefined;
  /** Blocks from the innermost that contains the pc to the body: a name hides those of outer blocks. */
  readonly blocks: readonly { readonly variables: readonly CVariable[] }[];
}

/** A call inside a function, as DW_TAG_call_site (DWARF 5) or DW_TAG_GNU_call_site tells it, or a function inlined there. */
export interface CallSite {
  /** Link-time address that it returns to, or where the inlined code starts. */
  readonly address: bigint;
  readonly callee: string | undefined;
  readonly inlined: boolean;
}

export interface DebugInformation {
  /** By name: `struct page`, `union u`, `enum e`, a typedef, or a basic type in any order of words (`long unsigned int`). */
  type(name: string): CType | undefined;
  /** Globals, and statics of files, of that name; those of the unit that contains `pc` first. */
  variables(name: string, pc?: bigint): readonly CVariable[];
  /** Value of an enumerator. */
  enumerator(name: string): { readonly value: bigint; readonly type: CType } | undefined;
  /** Type of a function by name. */
  functionType(name: string): CType | undefined;
  /**
   * Where the copies of a function begin that are inlined in others: link-time addresses, at most `limit`. Long work the first time.
   */
  inlinedEntries(name: string, limit: number): Steps<readonly bigint[]>;
  /** The functions at a pc, the innermost inlined one first and the one that contains all last; empty without debug information. */
  functionsAt(pc: bigint): readonly FunctionScope[];
  /** Calls of the function at `[start, end)`, in address order. */
  callSites(start: bigint, end: bigint): readonly CallSite[];
  /** Static and global variables of the unit that contains a pc, by name. */
  unitVariables(pc: bigint): readonly CVariable[];
  /** True if all names are answered at once: otherwise the first question for one that is hard to find reads all units. */
  readonly knowsNames: boolean;
  /** Does what that costs, a step at a time. */
  readNames(): Steps<void>;
  /** Names of types and variables that begin with `prefix`, at most `limit`, sorted; may be long work the first time. */
  names(prefix: string, limit: number): Steps<readonly string[]>;
  /** The row of call frame information for an address, for `FrameContext.cfa`. */
  callFrame(pc: bigint): CallFrameRow | undefined;
}
