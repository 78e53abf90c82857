/** Asks all that a debugger asks debug information about C, as far as it goes. */
import assert from 'node:assert/strict';
import type { Program } from '../../debug-adapter/symbols/api';
import type { CType, CVariable, FrameContext } from '../../debug-adapter/symbols/c-types';
import { finish } from '../../debug-adapter/symbols/steps';

/** A frame in which everything is known, and its callers are like it. */
export function fullFrame(pc: bigint, callers = 3): FrameContext {
  return {
    pc,
    register: (index) => BigInt(index * 8),
    memory: (_, length) => (length <= 4096 ? new Uint8Array(length) : undefined),
    cfa: () => 0x1000n,
    caller: () => (callers > 0 ? fullFrame(pc, callers - 1) : undefined),
    runAddress: (linked) => linked,
  };
}

/** Reads a type as far as its members' types are; pointers are not followed. */
function readType(type: CType, depth: number): void {
  switch (type.kind) {
    case 'struct':
    case 'union':
      assert.ok(type.size >= 0);
      type.member('tag');
      if (depth > 0) for (const member of type.members.slice(0, 50)) readType(member.type, depth - 1);
      break;
    case 'enum':
      assert.ok(type.enumerators.length >= 0 && typeof type.signed === 'boolean');
      break;
    case 'array':
      if (depth > 0) readType(type.element, depth - 1);
      break;
    case 'typedef':
    case 'qualified':
      if (depth > 0) readType(type.type, depth - 1);
      break;
    case 'function':
      assert.ok(type.parameters.length >= 0 && typeof type.variadic === 'boolean');
      break;
    default:
  }
}

function readVariable(variable: CVariable, context: FrameContext): void {
  readType(variable.type, 2);
  assert.ok(variable.declaration?.file !== '');
  const location = variable.locate(context);
  assert.ok(['pieces', 'optimized out', 'unavailable'].includes(location.kind));
}

export function exerciseDebugInformation({ debug, entry }: Program): void {
  if (debug === undefined) return;
  for (const name of [
    'struct outer',
    'counter_t',
    'enum colour',
    'unsigned char',
    'char',
    'struct pt_regs',
  ]) {
    const type = debug.type(name);
    if (type) readType(type, 3);
  }
  assert.equal(debug.type('struct no_such_structure'), undefined);
  debug.enumerator('RED');
  const function_ = debug.functionType('run');
  if (function_) readType(function_, 1);
  for (const name of ['counter', 'global']) {
    for (const variable of debug.variables(name, entry)) readVariable(variable, fullFrame(entry));
  }
  for (const variable of debug.unitVariables(entry).slice(0, 20)) readVariable(variable, fullFrame(entry));
  for (let pc = entry; pc < entry + 0x80n; pc += 16n) {
    for (const scope of debug.functionsAt(pc)) {
      assert.ok(scope.name.length >= 0 && (scope.entry ?? 0n) >= 0n);
      assert.ok((scope.callSite?.line ?? 0) >= 0);
      for (const { variables } of scope.blocks) {
        for (const variable of variables.slice(0, 20)) readVariable(variable, fullFrame(pc));
      }
    }
  }
  debug.callSites(entry, entry + 0x80n);
  debug.callFrame(entry);
  finish(debug.names('c', 10));
  for (const name of ['innermost', 'run']) finish(debug.inlinedEntries(name, 100));
}
