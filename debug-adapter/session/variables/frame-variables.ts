/** The scopes `Frame` and `Task`: where a frame's pc was read from, by which rule, and whose stack it is. */
import type { Debuggee } from '../../debugger/api';
import { memoryOf } from '../../debugger/harts';
import { shadowVerdict } from '../../debugger/shadow-call-stack';
import type { Task } from '../../kernel/api';
import type { TargetHart } from '../../target/target';
import { hex } from '../../unwind/hex';
import { causeName } from '../../unwind/trap-cause';
import type { Mark, StackBounds } from '../../unwind/types';
import { notWritable } from '../errors';
import type { SelectedFrame } from '../call-stacks';
import type { Variable, VariableContainer } from './variable';
import { describeWord } from '../../debugger/symbolic';

/** What the marks of the rows stand for (docs/unwinder-rules.md). */
const marks: Readonly<Record<Mark, string>> = {
  C: 'caller',
  T: 'blocked task',
  P: 'pc from pt_regs',
  L: 'live ra',
  F: 'function graph',
  K: 'kretprobe',
};

const metadataTypes: Readonly<Record<string, string>> = { '0': 'NONE', '1': 'FINAL', '2': 'PT_REGS' };

/** Variables that are what memory or the walk says: edit memory to change them. */
class Fixed implements VariableContainer {
  private readonly variables: () => readonly Variable[];

  constructor(variables: () => readonly Variable[]) {
    this.variables = variables;
  }

  list(): readonly Variable[] {
    return this.variables().map((variable) => ({ ...variable, readOnly: true }));
  }

  assign(name: string): Variable {
    throw notWritable(name, 'it is read from the stack; change it in the memory view');
  }
}

export function frameScope(frame: SelectedFrame, debuggee: Debuggee): VariableContainer {
  const { hart, stack, row } = frame;
  const { mark, rule, reason, fp, origin, stack: bounds } = row.frame;
  return new Fixed(() => [
    { name: 'location', value: row.text },
    { name: 'frame pointer', value: hex(fp), memoryReference: hex(fp), type: 's0 as this function has it' },
    ...originVariables(frame, debuggee),
    ...(bounds ? [stackVariable('stack', bounds)] : []),
    {
      name: 'mark',
      value: `(${mark}) ${origin.kind === 'live' ? 'live pc' : marks[mark]}`,
    },
    { name: 'rule', value: rule },
    { name: 'reason', value: reason },
    {
      name: 'walk',
      value: stack.walk.reliable ? 'reliable' : 'not reliable',
      children: new Fixed(() => [
        { name: 'kind', value: stack.walk.kind },
        { name: 'reliable', value: `${stack.walk.reliable}: ${stack.walk.verdict}` },
        { name: 'end', value: `${stack.walk.end.rule}: ${stack.walk.end.reason}` },
        ...shadowVariable(frame, debuggee),
        ...(stack.walk.end.ptRegs === undefined
          ? []
          : [ptRegsVariable('entry pt_regs', stack.walk.end.ptRegs, hart, debuggee)]),
      ]),
    },
  ]);
}

function shadowVariable({ hart, stack }: SelectedFrame, debuggee: Debuggee): readonly Variable[] {
  const value = shadowVerdict(debuggee, stack, hart);
  return value === undefined ? [] : [{ name: 'shadow call stack', value }];
}

function originVariables({ hart, row }: SelectedFrame, debuggee: Debuggee): readonly Variable[] {
  const { origin } = row.frame;
  switch (origin.kind) {
    case 'live':
      return [{ name: 'pc from', value: 'the hart' }];
    case 'thread':
      return [{ name: 'pc from', value: 'thread.ra of the task' }];
    case 'register':
      return [{ name: 'pc from', value: `${origin.name}, which the callee has not saved` }];
    case 'slot':
      return [{ name: 'pc from', value: hex(origin.address), memoryReference: hex(origin.address) }];
    case 'record': {
      const { address, fp, ra } = origin;
      return [
        {
          name: 'frame record',
          value: `${hex(address)} { fp = ${hex(fp)}, ra = ${hex(ra)} }`,
          memoryReference: hex(address),
          children: new Fixed(() => [
            { name: 'fp', value: hex(fp), memoryReference: hex(fp) },
            { name: 'ra', value: describeWord(ra, hart, debuggee), memoryReference: hex(ra) },
          ]),
        },
      ];
    }
    case 'recorded':
      return [{ name: 'sp', value: hex(origin.sp), memoryReference: hex(origin.sp) }];
    case 'pt_regs': {
      const { address, metadata } = origin;
      return [
        ...(metadata ? [metadataVariable(metadata)] : []),
        ptRegsVariable('pt_regs', address, hart, debuggee),
      ];
    }
  }
}

function metadataVariable({ address, type }: { readonly address: bigint; readonly type: bigint }): Variable {
  return {
    name: 'metadata record',
    value: `${hex(address)} { fp = 0x0, ra = 0x0, type = ${describeType(type)} }`,
    memoryReference: hex(address),
  };
}

function describeType(type: bigint): string {
  const name = metadataTypes[type.toString()];
  return name === undefined ? hex(type) : `${type} (${name})`;
}

/** A `struct pt_regs` in memory, with its members by Linux's names. */
function ptRegsVariable(name: string, address: bigint, hart: TargetHart, debuggee: Debuggee): Variable {
  const { layout } = debuggee.kernel;
  const bytes = memoryOf(hart)(address, layout.size);
  if (!bytes) return { name, value: `${hex(address)} (not readable)` };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (offset: number): bigint => view.getBigUint64(offset, true);
  const member = (memberName: string, offset: number, describe: (value: bigint) => string): Variable => ({
    name: memberName,
    value: describe(word(offset)),
    memoryReference: hex(address + BigInt(offset)),
  });
  const asWord = (value: bigint): string => describeWord(value, hart, debuggee);
  // A kernel thread that never was in user mode has one that no trap has filled in.
  const describeEntry = (cause: bigint, epc: bigint): string =>
    epc === 0n ? 'no trap is saved here' : `${causeName(cause)} at ${asWord(epc)}`;
  const asCause = (value: bigint): string => `${hex(value)} (${causeName(value)})`;
  return {
    name,
    value: `${hex(address)}: ${describeEntry(word(layout.cause), word(layout.epc))}`,
    memoryReference: hex(address),
    type: `struct pt_regs, layout from ${layout.source === 'dwarf' ? 'debug information' : 'constants'}`,
    children: new Fixed(() => [
      member('epc', layout.epc, asWord),
      ...layout.x.flatMap((offset, index) =>
        index === 0 ? [] : [member(debuggee.target.registerName(index), offset, asWord)],
      ),
      member('status', layout.status, hex),
      member('badaddr', layout.badaddr, asWord),
      member('cause', layout.cause, asCause),
      ...(layout.stackframe === undefined
        ? []
        : [
            member('stackframe.record.fp', layout.stackframe, hex),
            member('stackframe.record.ra', layout.stackframe + 8, asWord),
            member('stackframe.type', layout.stackframe + 16, describeType),
          ]),
    ]),
  };
}

export function taskScope(task: Task, hart: TargetHart, debuggee: Debuggee): VariableContainer {
  return new Fixed(() => [
    { name: 'comm', value: task.comm ?? '<not known>' },
    { name: 'pid', value: task.pid?.toString() ?? '<not known>' },
    ...(task.state ? [{ name: 'state', value: `${task.state.letter} (${task.state.words})` }] : []),
    { name: 'cpu', value: task.cpu.toString() },
    {
      name: 'task_struct',
      value: describeWord(task.address, hart, debuggee),
      memoryReference: hex(task.address),
    },
    stackVariable('stack', task.stack),
    ptRegsVariable('task_pt_regs', task.ptRegs, hart, debuggee),
    ...(task.finalRecord === undefined
      ? []
      : [{ name: 'final record', value: hex(task.finalRecord), memoryReference: hex(task.finalRecord) }]),
  ]);
}

function stackVariable(name: string, { name: stackName, low, high }: StackBounds): Variable {
  return { name, value: `${stackName} [${hex(low)}, ${hex(high)})`, memoryReference: hex(low) };
}
