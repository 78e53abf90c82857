/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- they say what the code made for an opcode takes and leaves */
import { CodeBuffer, ValueType } from './code';

/**
 * WebAssembly code as values: functions that append instructions to a buffer. The `leaves` brands keep 32-bit, 64-bit
 * and statement code apart at compile time. Operands are evaluated in the order in which they are written.
 */
export type Code = (to: CodeBuffer) => void;
export type I32 = Code & { readonly leaves?: 'i32' };
export type I64 = Code & { readonly leaves?: 'i64' };
export type F32 = Code & { readonly leaves?: 'f32' };
export type F64 = Code & { readonly leaves?: 'f64' };
/** Leaves nothing on the stack. */
export type Statement = Code & { readonly leaves?: 'nothing' };

const instruction =
  (opcode: number, ...operands: readonly Code[]): Code =>
  (to) => {
    for (const operand of operands) operand(to);
    to.byte(opcode);
  };

const memoryInstruction =
  (opcode: number, offset: number, ...operands: readonly Code[]): Code =>
  (to) => {
    for (const operand of operands) operand(to);
    to.byte(opcode).unsigned(0).unsigned(offset);
  };

export const unary =
  <A extends Code, R extends Code>(opcode: number) =>
  (a: A): R =>
    instruction(opcode, a) as R;

export const binary =
  <A extends Code, R extends Code = A>(opcode: number) =>
  (a: A, b: A): R =>
    instruction(opcode, a, b) as R;

/** A load from `address + offset`. */
const load =
  <R extends Code>(opcode: number) =>
  (address: I32, offset = 0): R =>
    memoryInstruction(opcode, offset, address) as R;

/** A store to `address + offset`. The address is evaluated before the value. */
const store =
  <A extends Code>(opcode: number) =>
  (address: I32, value: A, offset = 0): Statement =>
    memoryInstruction(opcode, offset, address, value);

const NO_VALUE = 0x40;
const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const BRANCH = 0x0c;
const BRANCH_IF = 0x0d;
const BRANCH_TABLE = 0x0e;

export const conditional =
  (type: number, condition: I32, yes: Code, no?: Code): Code =>
  (to) => {
    condition(to);
    to.byte(IF).byte(type);
    to.depth++;
    yes(to);
    if (no) {
      to.byte(ELSE);
      no(to);
    }
    to.depth--;
    to.byte(END);
  };

/** Instructions on 64-bit integers (WebAssembly core spec §5.4). Those on floating-point numbers: `float-expression.ts`. */
export const i64 = {
  constant:
    (value: bigint | number): I64 =>
    (to) =>
      to.byte(0x42).signed(value),
  eqz: unary<I64, I32>(0x50),
  eq: binary<I64, I32>(0x51),
  ne: binary<I64, I32>(0x52),
  ltS: binary<I64, I32>(0x53),
  ltU: binary<I64, I32>(0x54),
  gtU: binary<I64, I32>(0x56),
  geS: binary<I64, I32>(0x59),
  geU: binary<I64, I32>(0x5a),
  clz: unary<I64, I64>(0x79),
  ctz: unary<I64, I64>(0x7a),
  popcnt: unary<I64, I64>(0x7b),
  add: binary<I64>(0x7c),
  sub: binary<I64>(0x7d),
  mul: binary<I64>(0x7e),
  divS: binary<I64>(0x7f),
  divU: binary<I64>(0x80),
  remS: binary<I64>(0x81),
  remU: binary<I64>(0x82),
  and: binary<I64>(0x83),
  or: binary<I64>(0x84),
  xor: binary<I64>(0x85),
  shl: binary<I64>(0x86),
  shrS: binary<I64>(0x87),
  shrU: binary<I64>(0x88),
  /** Rotations by the amount modulo 64. */
  rotl: binary<I64>(0x89),
  rotr: binary<I64>(0x8a),
  signExtend8: unary<I64, I64>(0xc2),
  signExtend16: unary<I64, I64>(0xc3),
  signExtend32: unary<I32, I64>(0xac),
  zeroExtend32: unary<I32, I64>(0xad),
  load: load<I64>(0x29),
  load8S: load<I64>(0x30),
  load8U: load<I64>(0x31),
  load16S: load<I64>(0x32),
  load16U: load<I64>(0x33),
  load32S: load<I64>(0x34),
  load32U: load<I64>(0x35),
  store: store<I64>(0x37),
  store8: store<I64>(0x3c),
  store16: store<I64>(0x3d),
  store32: store<I64>(0x3e),
  /** `yes` if the condition holds, else `no`; both are evaluated. */
  select: (yes: I64, no: I64, condition: I32): I64 => instruction(0x1b, yes, no, condition),
  /** As `select`, but only the chosen operand is evaluated. */
  choose: (condition: I32, yes: I64, no: I64): I64 => conditional(ValueType.i64, condition, yes, no),
};

/** Instructions on 32-bit integers. */
export const i32 = {
  constant:
    (value: number): I32 =>
    (to) =>
      to.byte(0x41).signed(value | 0),
  wrap: unary<I64, I32>(0xa7),
  eqz: unary<I32, I32>(0x45),
  eq: binary<I32>(0x46),
  ne: binary<I32>(0x47),
  ltS: binary<I32>(0x48),
  clz: unary<I32, I32>(0x67),
  ctz: unary<I32, I32>(0x68),
  popcnt: unary<I32, I32>(0x69),
  add: binary<I32>(0x6a),
  sub: binary<I32>(0x6b),
  divU: binary<I32>(0x6e),
  and: binary<I32>(0x71),
  or: binary<I32>(0x72),
  xor: binary<I32>(0x73),
  shl: binary<I32>(0x74),
  shrS: binary<I32>(0x75),
  shrU: binary<I32>(0x76),
  /** Rotations by the amount modulo 32. */
  rotl: binary<I32>(0x77),
  rotr: binary<I32>(0x78),
  load: load<I32>(0x28),
  load16U: load<I32>(0x2f),
  store: store<I32>(0x36),
  /** As `i64.choose`. */
  choose: (condition: I32, yes: I32, no: I32): I32 => conditional(ValueType.i32, condition, yes, no),
};

/** A local variable of the function being generated. */
export class Local<T extends Code> {
  readonly #index: number;
  constructor(index: number) {
    this.#index = index;
  }

  get get(): T {
    return ((to: CodeBuffer) => to.byte(0x20).unsigned(this.#index)) as Code as T;
  }

  set(value: T): Statement {
    return (to) => {
      value(to);
      to.byte(0x21).unsigned(this.#index);
    };
  }

  /** Sets, and leaves the value on the stack. */
  tee(value: T): T {
    return ((to: CodeBuffer) => {
      value(to);
      to.byte(0x22).unsigned(this.#index);
    }) as Code as T;
  }
}

export const sequence =
  (...statements: readonly Statement[]): Statement =>
  (to) => {
    for (const statement of statements) statement(to);
  };

export const ifThen = (condition: I32, ...then: readonly Statement[]): Statement =>
  conditional(NO_VALUE, condition, sequence(...then));

export const ifElse = (condition: I32, yes: Statement, no: Statement): Statement =>
  conditional(NO_VALUE, condition, yes, no);

/** Where a branch can go. It is valid inside the construct that made it. */
export interface Label {
  readonly depth: number;
}

/** Branching to its label starts the body again; its end is not reached. */
export const loop =
  (body: (start: Label) => Statement): Statement =>
  (to) => {
    to.byte(LOOP).byte(NO_VALUE);
    to.depth++;
    body({ depth: to.depth })(to);
    to.depth--;
    to.byte(END);
  };

/** Branching to its label leaves it. */
export const block =
  (body: (end: Label) => Statement): Statement =>
  (to) => {
    to.byte(BLOCK).byte(NO_VALUE);
    to.depth++;
    body({ depth: to.depth })(to);
    to.depth--;
    to.byte(END);
  };

/** Blocks around each other: branching to the label with an index goes on with the statement of that index, and what comes after it. */
export const blocks =
  (behind: readonly Statement[], inside: (ends: readonly Label[]) => Statement): Statement =>
  (to) => {
    const ends: Label[] = [];
    for (let index = behind.length - 1; index >= 0; index--) {
      to.byte(BLOCK).byte(NO_VALUE);
      to.depth++;
      ends[index] = { depth: to.depth };
    }
    inside(ends)(to);
    for (const statement of behind) {
      to.depth--;
      to.byte(END);
      statement(to);
    }
  };

export const branchTo =
  (label: Label): Statement =>
  (to) =>
    to.byte(BRANCH).unsigned(to.depth - label.depth);

export const branchIf =
  (condition: I32, label: Label): Statement =>
  (to) => {
    condition(to);
    to.byte(BRANCH_IF).unsigned(to.depth - label.depth);
  };

/** Branches to the label that the selector is the index of, to `otherwise` if there is none. */
export const branchTable =
  (selector: I32, labels: readonly Label[], otherwise: Label): Statement =>
  (to) => {
    selector(to);
    to.byte(BRANCH_TABLE).unsigned(labels.length);
    for (const label of [...labels, otherwise]) to.unsigned(to.depth - label.depth);
  };

/** Continues with `cases[selector]`. Each case ends in a branch or a return. */
export const dispatch =
  (selector: I32, cases: readonly Statement[]): Statement =>
  (to) => {
    cases.forEach(() => to.byte(BLOCK).byte(NO_VALUE));
    to.depth += cases.length;
    selector(to);
    to.byte(BRANCH_TABLE).unsigned(cases.length - 1);
    cases.forEach((_, index) => to.unsigned(index));
    for (const body of cases) {
      to.depth--;
      to.byte(END);
      body(to);
    }
  };

/** Statements, then a value. */
export const valueAfter = <T extends Code>(before: Statement, value: T): T =>
  ((to: CodeBuffer) => {
    before(to);
    value(to);
  }) as Code as T;

/** Calls an imported function by its index; leaves what it returns. */
export const call =
  <R extends Code>(index: number) =>
  (...operands: readonly Code[]): R =>
    ((to: CodeBuffer) => {
      for (const operand of operands) operand(to);
      to.imports = Math.max(to.imports, index + 1);
      to.byte(0x10).unsigned(index);
    }) as Code as R;

/** Calls `table[element]`, a function of the type with that index; leaves what it returns. */
export const callIndirect =
  <R extends Code>(type: number) =>
  (element: I32, ...operands: readonly Code[]): R =>
    ((to: CodeBuffer) => {
      for (const operand of operands) operand(to);
      element(to);
      to.byte(0x11).unsigned(type).unsigned(0);
    }) as Code as R;

/** Evaluates for effects alone. */
export const drop = (value: Code): Statement => instruction(0x1a, value);
export const unreachable: Statement = instruction(0x00);

export const returnFromFunction: Statement = instruction(0x0f);
/** From a function with a result. */
export const returnValue = (value: Code): Statement => instruction(0x0f, value);
export const nothing: Statement = () => undefined;

/** Code that is written often: it is put together once. It must not branch to labels outside of it. */
export const frozen = <T extends Code>(code: T): T => {
  let written: CodeBuffer | undefined;
  return ((to: CodeBuffer) => {
    if (!written) code((written = new CodeBuffer()));
    to.append(written.bytes);
    to.imports = Math.max(to.imports, written.imports);
  }) as Code as T;
};
