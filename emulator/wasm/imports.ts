import { floatOperations } from '../float/operations';
import type { CsrOperation, LoadKind, SystemOperation } from '../isa/semantics';
import { ValueType } from './code';
import type { I32, I64, Statement } from './expression';
import { call, i32 as int32, i64 as int64, sequence, valueAfter } from './expression';
import { floatFunctions } from './float/module';
import { State } from './layout';
import type { FunctionType } from './module';

/** Numbers by which the interpreter names its wishes to TypeScript: indices into these lists. */
export const loadKinds: readonly LoadKind[] = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64'];
export const csrOperations: readonly CsrOperation[] = ['write', 'set', 'clear'];
export const systemOperations: readonly SystemOperation[] = [
  'illegal',
  'ecall',
  'ebreak',
  'mret',
  'sret',
  'wfi',
  'sfence.vma',
  'sfence.inval',
  'cbo.inval',
  'cbo.clean',
  'cbo.flush',
  'cbo.zero',
];

/** Index into `floatOperations`. */
export function floatOperationNumber(mnemonic: string): number {
  const number = floatOperations.findIndex((operation) => operation.mnemonic === mnemonic);
  if (number < 0) throw new Error(`no operation is called ${mnemonic}`);
  return number;
}

/**
 * What the generated code asks of TypeScript. Before each call it has written the pc and the steps left to `State`; one that
 * traps sets `State.budget` negative, and its result is ignored. A result of 0 where an address is expected means the same.
 */
export interface InterpreterImports {
  /** Fills the entry, which nobody has executed yet. */
  decode(entry: number): void;
  /** The decoded page for the pc. */
  fetch(): number;
  /** A one-off slot for the 4-byte instruction of this entry, which ends in the next page. */
  straddle(entry: number): number;
  /** A one-off slot for the instruction of this entry, if its pc is no breakpoint. */
  breakpoint(entry: number): number;
  /** A one-off slot for the instruction of this entry, at which a translated region begins. */
  untranslated(entry: number): number;
  /** Loads from `State.address` to `State.value`. */
  load(kind: number): void;
  /** Stores `State.value` to `State.address`. */
  store(size: number): void;
  /** Host address of naturally aligned memory at `State.address` that may be read and written. */
  atomic(size: number): number;
  /** As `atomic`, for a store-conditional. */
  conditional(size: number): number;
  /** Host address of naturally aligned memory at `State.address` that may be read. */
  reserve(size: number): number;
  csr(operation: number, bits: number, operand: bigint): bigint;
  perform(operation: number, bits: number): void;
  /** The instruction jumps to an address that is not aligned: an exception. */
  misaligned(target: bigint): void;
  /** The operation of that number in `floatOperations` on the float registers and `fcsr`. */
  float(operation: number, bits: number): void;
  /** A return through that link register that is not from the innermost call in the call area. */
  returned(target: bigint, link: number): void;
  /** The last entry of the call area is in use. */
  callAreaFull(): void;
}

const { i32, i64 } = ValueType;
const type = (parameters: readonly ValueType[], ...results: readonly ValueType[]): FunctionType => ({
  parameters,
  results,
});

const signatures: Readonly<Record<keyof InterpreterImports, FunctionType>> = {
  decode: type([i32]),
  fetch: type([], i32),
  straddle: type([i32], i32),
  breakpoint: type([i32], i32),
  untranslated: type([i32], i32),
  load: type([i32]),
  store: type([i32]),
  atomic: type([i32], i32),
  conditional: type([i32], i32),
  reserve: type([i32], i32),
  csr: type([i32, i32, i64], i64),
  perform: type([i32, i32]),
  misaligned: type([i64]),
  float: type([i32, i32]),
  returned: type([i64, i32]),
  callAreaFull: type([]),
};

type GeneratedName = keyof typeof floatFunctions;

const namedTypes: Readonly<Record<string, FunctionType>> = {
  ...signatures,
  ...Object.fromEntries(Object.entries(floatFunctions).map(([name, { body }]) => [name, body.type])),
};

/** Those that translated code calls, the most frequent first. */
const forTranslatedCode: readonly (keyof InterpreterImports | GeneratedName)[] = [
  'float',
  ...(Object.keys(floatFunctions) as GeneratedName[]),
];

/**
 * What generated code imports: those functions, and those of `float/module.ts`. On Node 20 an import took a module some 40 microseconds, so modules import no more of the list than up to the last that they call.
 */
export const importedFunctions = [...new Set([...forTranslatedCode, ...Object.keys(namedTypes)])].map(
  (name) => ({ name, type: namedTypes[name]! }),
);

const indexOf = (name: keyof InterpreterImports | GeneratedName): number =>
  importedFunctions.findIndex((imported) => imported.name === name);

const state = int32.constant(0);
const load = call<Statement>(indexOf('load'));
const store = call<Statement>(indexOf('store'));
const atomic = call<I32>(indexOf('atomic'));
const conditional = call<I32>(indexOf('conditional'));
const reserve = call<I32>(indexOf('reserve'));
const atAddress = (address: I64): Statement => int64.store(state, address, State.address);

/** Calls of the imports as code. */
export const imports = {
  decode: call<Statement>(indexOf('decode')),
  fetch: call<I32>(indexOf('fetch')),
  straddle: call<I32>(indexOf('straddle')),
  breakpoint: call<I32>(indexOf('breakpoint')),
  untranslated: call<I32>(indexOf('untranslated')),
  load: (address: I64, kind: I32): I64 =>
    valueAfter(sequence(atAddress(address), load(kind)), int64.load(state, State.value)),
  store: (address: I64, value: I64, size: I32): Statement =>
    sequence(atAddress(address), int64.store(state, value, State.value), store(size)),
  atomic: (address: I64, size: I32): I32 => valueAfter(atAddress(address), atomic(size)),
  conditional: (address: I64, size: I32): I32 => valueAfter(atAddress(address), conditional(size)),
  reserve: (address: I64, size: I32): I32 => valueAfter(atAddress(address), reserve(size)),
  csr: call<I64>(indexOf('csr')),
  perform: call<Statement>(indexOf('perform')),
  misaligned: call<Statement>(indexOf('misaligned')),
  float: call<Statement>(indexOf('float')),
  returned: call<Statement>(indexOf('returned')),
  callAreaFull: call<Statement>(indexOf('callAreaFull')),
};

type GeneratedCalls = { [Name in GeneratedName]: NonNullable<(typeof floatFunctions)[Name]['call']> };

/** Calls of the generated functions as code. */
export const generatedCalls = Object.fromEntries(
  Object.keys(floatFunctions).map((name) => [name, call(indexOf(name as GeneratedName))]),
) as GeneratedCalls;
