import type { I32, I64, Statement } from '../wasm/expression';

/** Width and extension of a load. */
export type LoadKind = 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64';
/** Bytes of a memory access. */
export type AccessSize = 1 | 2 | 4 | 8;

/** Instructions that plain TypeScript executes (`core/system.ts`), because they are rare or intricate. */
export type SystemOperation =
  | 'illegal'
  | 'ecall'
  | 'ebreak'
  | 'mret'
  | 'sret'
  | 'wfi'
  | 'sfence.vma'
  | 'sfence.inval'
  | 'cbo.inval'
  | 'cbo.clean'
  | 'cbo.flush'
  | 'cbo.zero';
/** Read and write, set bits, clear bits. */
export type CsrOperation = 'write' | 'set' | 'clear';

/**
 * Generated code for a floating-point operation, in terms of its operands, which are evaluated once. Its result is right if `possible`
 * holds before and `certain` of it after; then it has the effects of the operation, but for the write, else none.
 */
export interface ShortWay {
  /** At most three. */
  readonly operands: readonly I64[];
  readonly possible: (...operands: I64[]) => I32;
  readonly result: (...operands: [I64, I64, I64]) => I64;
  readonly certain?: (result: I64, ...operands: [I64, I64, I64]) => I32;
  readonly write: (result: I64) => Statement;
}

/**
 * The vocabulary of instruction semantics. Operands are 64-bit values; statements have effects. What may trap leaves the
 * instruction without any effect when it does.
 */
export interface Emitter {
  readonly rs1: I64;
  readonly rs2: I64;
  /** Float registers, all 64 bits. */
  readonly frs1: I64;
  readonly frs2: I64;
  readonly frs3: I64;
  /** Sign-extended immediate. */
  readonly imm: I64;
  /** The 5-bit immediate of `csrrwi` and its kind. */
  readonly zimm: I64;
  /** Address of this instruction and of the one after it. */
  readonly pc: I64;
  readonly nextPc: I64;

  /** Writes to x0 vanish. */
  writeRd(value: I64): Statement;
  writeFrd(value: I64): Statement;
  /** Evaluates `value` once; `use` may mention it often. */
  bind(value: I64, use: (value: I64) => I64): I64;

  /** Memory at a virtual address; misaligned accesses are done in place, as a whole or not at all. */
  load(kind: LoadKind, address: I64): I64;
  store(size: AccessSize, address: I64, value: I64): Statement;
  /** Reads naturally aligned memory sign-extended, stores `update(old)`, leaves `old`. */
  atomicUpdate(size: 4 | 8, address: I64, update: (old: I64) => I64): I64;
  /** Loads and reserves (unpriv §13.2). */
  loadReserved(size: 4 | 8, address: I64): I64;
  /** Zeroes the cache block that holds the address. */
  zeroBlock(address: I64): Statement;
  /** 0 if the reservation held and `value` was stored, else 1. */
  storeConditional(size: 4 | 8, address: I64, value: I64): I64;

  /** Continues at `pc + imm` if the condition holds. */
  branch(condition: I32): Statement;
  /** Continues at `pc + imm`; `link` comes before. */
  jumpRelative(link: Statement): Statement;
  /** Continues at `target`, which is evaluated before `link`. */
  jump(target: I64, link: Statement): Statement;

  /** Leaves the old value of the CSR that the instruction names. Whether it is read or written at all follows from rd and rs1. */
  csr(operation: CsrOperation, operand: I64): I64;
  /** The counter `time`. The instruction is illegal where it may not be read. */
  readonly time: I64;
  perform(operation: SystemOperation): Statement;

  /** The instruction is illegal if the floating-point unit is off (mstatus.FS), else it does that. */
  needsFloat(body: Statement): Statement;
  /** The operation of `float/operations.ts` on the registers that the instruction names; the short way where that is right. */
  float(mnemonic: string, way?: ShortWay): Statement;
  /** fcsr: flags and mode. */
  readonly fcsr: I32;
  /** Replaces it by another value, of which it has room for all bits; that makes the state dirty. */
  writeFcsr(value: I32): Statement;
  /** The rounding mode that is meant (`RoundingMode`), in the instruction or in `frm`. It may be a reserved one. */
  readonly roundingMode: I32;
  /** 1 if fflags.NX is set already, so that it makes no difference whether a result is exact; else 0. */
  readonly inexactAccrued: I32;
}
