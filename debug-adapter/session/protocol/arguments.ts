/** Which arguments a request cannot do without: a client that leaves one out is told so, instead of an obscure failure. */
import { badArgument } from '../errors';
import type { Arguments, Command } from './requests';

type Kind = 'number' | 'string' | 'object' | 'array';

const expected: Readonly<Record<Kind, string>> = {
  number: 'a number',
  string: 'a string',
  object: 'an object',
  array: 'a list',
};

const required: { readonly [C in Command]?: { readonly [A in keyof Arguments<C>]?: Kind } } = {
  setBreakpoints: { source: 'object' },
  setFunctionBreakpoints: { breakpoints: 'array' },
  setInstructionBreakpoints: { breakpoints: 'array' },
  dataBreakpointInfo: { name: 'string' },
  setDataBreakpoints: { breakpoints: 'array' },
  breakpointLocations: { source: 'object', line: 'number' },
  setExceptionBreakpoints: { filters: 'array' },
  exceptionInfo: { threadId: 'number' },
  next: { threadId: 'number' },
  stepIn: { threadId: 'number' },
  stepOut: { threadId: 'number' },
  gotoTargets: { source: 'object', line: 'number' },
  goto: { threadId: 'number', targetId: 'number' },
  stepInTargets: { frameId: 'number' },
  stackTrace: { threadId: 'number' },
  scopes: { frameId: 'number' },
  variables: { variablesReference: 'number' },
  setVariable: { variablesReference: 'number', name: 'string', value: 'string' },
  evaluate: { expression: 'string' },
  setExpression: { expression: 'string', value: 'string' },
  completions: { text: 'string', column: 'number' },
  disassemble: { memoryReference: 'string', instructionCount: 'number' },
  readMemory: { memoryReference: 'string', count: 'number' },
  writeMemory: { memoryReference: 'string', data: 'string' },
  source: { sourceReference: 'number' },
  'riscvUnwind/consoleInput': { data: 'string' },
  'riscvUnwind/valueFormat': { format: 'string' },
  'riscvUnwind/walkAddress': { address: 'string' },
};

/** Throws a `RequestError` for the first argument that is missing or of another type. */
export function checkArguments(command: Command, given: object): void {
  for (const [name, kind] of Object.entries<Kind>(required[command] ?? {})) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    const actual = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
    if (actual !== kind) throw badArgument(command, name, expected[kind]);
  }
}
