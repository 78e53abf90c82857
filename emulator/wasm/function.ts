import { CodeBuffer, ValueType } from './code';
import type { Code, F32, F64, I32, I64 } from './expression';
import { Local } from './expression';
import type { FunctionBody } from './module';

/** Code that leaves a value of each type. */
interface CodeOf {
  i32: I32;
  i64: I64;
  f32: F32;
  f64: F64;
}
type TypeName = keyof CodeOf;
type Codes<Names extends readonly TypeName[]> = { [I in keyof Names]: CodeOf[Names[I]] };
type Locals<Names extends readonly TypeName[]> = { [I in keyof Names]: Local<CodeOf[Names[I]]> };

/** A function of generated code, and how a call of it by code is typed. */
interface TypedFunction<Parameters extends readonly TypeName[], Result extends TypeName> {
  readonly body: FunctionBody;
  /** Exists as a type only. */
  readonly call?: (...operands: Codes<Parameters>) => CodeOf[Result];
}

/** Gives out a local variable. */
export type NewLocal = <Name extends TypeName>(type: Name) => Local<CodeOf[Name]>;

/** Writes a function. `build` leaves its result, from the parameters and as many locals as it asks for. */
export function typedFunction<const Parameters extends readonly TypeName[], Result extends TypeName>(
  parameters: Parameters,
  result: Result,
  build: (parameters: Locals<Parameters>, local: NewLocal) => CodeOf[Result],
): TypedFunction<Parameters, Result> {
  const locals: ValueType[] = [];
  const local: NewLocal = (type) => {
    locals.push(ValueType[type]);
    return new Local(parameters.length + locals.length - 1);
  };
  const code = new CodeBuffer();
  const operands = parameters.map((_, index) => new Local<Code>(index)) as Locals<Parameters>;
  build(operands, local)(code);
  const type = { parameters: parameters.map((name) => ValueType[name]), results: [ValueType[result]] };
  return { body: { type, locals, code } };
}
