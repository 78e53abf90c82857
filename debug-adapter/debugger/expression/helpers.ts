/** What expressions have beside C: the hart, its task and last trap, the kernel's lists and per-CPU variables. */
import { hlistNodes, listNodes, treeNodes, type LinkedNodes } from '../../kernel/lists';
import type { CAggregate, CType } from '../../symbols/c-types';
import { addressTaken, at as memoryAt, member } from '../../symbols/expression/access';
import { arrayOf, isAggregate, plain, pointerTo } from '../../symbols/expression/types';
import { CHAR, INT, UNSIGNED_LONG, VOID } from '../../symbols/expression/basic-types';
import { elementsValue, rvalue, textValue, type Bound } from '../../symbols/expression/bound';
import type { Call, Helper, Machine } from '../../symbols/expression/names';
import { ExpressionError } from '../../symbols/expression/tokens';
import type { ReadMemory } from '../../unwind/types';
import type { Trap } from '../../target/target';
import type { Debuggee } from '../api';
import { hartState, memoryOf } from '../harts';
import { valueOfAccess } from '../watch-values';
import { standpointOf } from './frame-machine';

interface HelperDescription {
  /** Without the dollar sign. */
  readonly name: string;
  /** `$list(head, type, member)`. */
  readonly usage: string;
  readonly help: string;
}

/** In the order in which they are listed. */
export const helperDescriptions: readonly HelperDescription[] = [
  { name: 'task', usage: '$task', help: 'the task that the hart runs, a struct task_struct *' },
  { name: 'hart', usage: '$hart', help: 'number of the hart' },
  { name: 'cpu', usage: '$cpu', help: "the kernel's number of the CPU" },
  { name: 'priv', usage: '$priv', help: 'privilege mode: "U", "S" or "M"' },
  { name: 'cause', usage: '$cause', help: 'cause of the last trap; bit 63 is set for interrupts' },
  { name: 'epc', usage: '$epc', help: 'where the last trap was taken' },
  { name: 'tval', usage: '$tval', help: 'address or instruction of the last trap' },
  { name: 'old', usage: '$old', help: 'at a data breakpoint: the value before the access' },
  { name: 'new', usage: '$new', help: 'at a data breakpoint: the value after it' },
  { name: 'from', usage: '$from', help: 'where the last trap was taken: "user" or "kernel"' },
  {
    name: 'ptregs',
    usage: '$ptregs',
    help: "task_pt_regs(): the task's registers at its last entry from user mode",
  },
  {
    name: 'list',
    usage: '$list(HEAD, TYPE, MEMBER)',
    help: 'the elements of a struct list_head: $list(&init_task.tasks, struct task_struct, tasks)',
  },
  { name: 'hlist', usage: '$hlist(HEAD, TYPE, MEMBER)', help: 'those of a struct hlist_head' },
  { name: 'rbtree', usage: '$rbtree(ROOT, TYPE, MEMBER)', help: 'those of a struct rb_root, in order' },
  {
    name: 'percpu',
    usage: '$percpu(VARIABLE[, CPU])',
    help: "a CPU's copy of a per-CPU variable: $percpu(runqueues, 1).nr_running",
  },
  {
    name: 'container_of',
    usage: '$container_of(POINTER, TYPE, MEMBER)',
    help: 'the structure whose member a pointer points to',
  },
];

/** Helpers by name. */
export function createHelpers(debuggee: Debuggee): ReadonlyMap<string, Helper> {
  const { kernel, target } = debuggee;
  const values: Readonly<Record<string, Helper>> = {
    hart: ({ at }) => rvalue(at, INT, ({ hart }) => BigInt(hart)),
    cpu: ({ at }) => rvalue(at, INT, (machine) => BigInt(cpuOf(machine, at, debuggee))),
    priv: ({ at }) =>
      textValue(at, arrayOf(CHAR, 2), ({ hart }) => privilegeLetters[target.harts[hart]!.privilege]),
    task: ({ at, names }) =>
      rvalue(at, pointerTo(names.type('struct task_struct') ?? VOID), (machine) =>
        taskAddress(machine, at, debuggee),
      ),
    ptregs: ({ at, names }) =>
      rvalue(at, pointerTo(names.type('struct pt_regs') ?? VOID), (machine) => {
        const task = kernel.currentTask(hartState(standpointOf(machine, at).hart), machine.frame.memory);
        return task?.ptRegs ?? noTask(at);
      }),
    cause: ofTrap('cause'),
    epc: ofTrap('epc'),
    tval: ofTrap('tval'),
    old: ofAccess('old'),
    new: ofAccess('new'),
    from: ({ at }) =>
      textValue(at, arrayOf(CHAR, 7), (machine) =>
        lastTrapOf(machine, at).from === 'user' ? 'user' : 'kernel',
      ),
    list: (call) => linked(call, listNodes, 'list_head'),
    hlist: (call) => linked(call, hlistNodes, 'hlist_head'),
    rbtree: (call) => linked(call, treeNodes, 'rb_root'),
    percpu: (call) => perCpu(call, debuggee),
    container_of: containerOf,
  };
  const takeArguments = new Set(
    helperDescriptions.filter(({ usage }) => usage.includes('(')).map(({ name }) => name),
  );
  return new Map(
    Object.entries(values).map(([name, helper]) => [
      name,
      (call: Call) => {
        if (takeArguments.has(name) !== (call.arguments !== undefined)) {
          const { usage } = helperDescriptions.find((one) => one.name === name)!;
          throw new ExpressionError(call.at, `This helper is written as ${usage}.`);
        }
        return helper(call);
      },
    ]),
  );
}

const privilegeLetters = { user: 'U', supervisor: 'S', machine: 'M' } as const;

function ofTrap(name: 'cause' | 'epc' | 'tval'): Helper {
  return ({ at }) => rvalue(at, UNSIGNED_LONG, (machine) => lastTrapOf(machine, at)[name]);
}

/** The same whichever privilege has taken it. */
function lastTrapOf(machine: Machine, at: number): Trap {
  const { hart } = standpointOf(machine, at);
  if (hart.lastTrap) return hart.lastTrap;
  throw new ExpressionError(at, `Hart ${hart.index} has not taken a trap yet.`);
}

function ofAccess(name: 'old' | 'new'): Helper {
  return ({ at }) =>
    rvalue(at, UNSIGNED_LONG, (machine) => {
      const value = valueOfAccess(name, standpointOf(machine, at).hart);
      if (value !== undefined) return value;
      throw new ExpressionError(
        at,
        `$${name} is known where a data breakpoint of at most eight bytes has stopped.`,
      );
    });
}

function taskAddress(machine: Machine, at: number, { kernel }: Debuggee): bigint {
  const { hart, task } = standpointOf(machine, at);
  const address = task ?? kernel.currentTaskAddress(hartState(hart));
  return address === 0n ? noTask(at) : address;
}

function noTask(at: number): never {
  throw new ExpressionError(at, 'The hart runs no task that is known: the kernel has not set one up yet.');
}

function cpuOf(machine: Machine, at: number, { kernel }: Debuggee): number {
  const { hart } = standpointOf(machine, at);
  return kernel.currentTask(hartState(hart), memoryOf(hart))?.cpu ?? hart.index;
}

/** The address of a head, given itself or by a pointer to it. */
function headOf(call: Call): Bound {
  const head = call.value(0);
  return isAggregate(plain(head.type)) ? addressTaken(head, head.at) : head;
}

/** Bytes from the start of a type to a member, which may be within others. */
function offsetOf(type: CType, members: readonly string[], at: number): bigint {
  const base = memoryAt(at, type, () => 0n);
  const found = members.reduce((operand, name) => member(operand, name, at), base);
  const place = found.place?.(nowhere);
  if (place?.kind === 'memory' && place.bits === undefined) return place.address;
  throw new ExpressionError(at, 'A bit-field has no address.');
}

/** Members of what is in memory ask nothing of the machine. */
const nowhere: Machine = {
  frame: {
    pc: 0n,
    register: () => undefined,
    memory: () => undefined,
    cfa: () => undefined,
    caller: () => undefined,
    runAddress: (linked) => linked,
  },
  pc: 0n,
  hart: 0,
  writer: undefined,
};

function linked(
  call: Call,
  walk: (head: bigint, memory: ReadMemory) => LinkedNodes,
  headName: string,
): Bound {
  const head = headOf(call);
  const target = plain(head.type);
  const pointee = target.kind === 'pointer' ? plain(target.target) : target;
  if (isAggregate(pointee) && !isHead(pointee, headName)) {
    throw new ExpressionError(
      head.at,
      `A struct ${headName} is expected here, not a ${pointee.kind} ${pointee.name ?? '{...}'}.`,
    );
  }
  const type = call.type(1);
  const offset = offsetOf(type, call.members(2), call.at);
  return elementsValue(call.at, type, (machine) => {
    const { addresses, cut } = walk(BigInt(head.scalar(machine)), machine.frame.memory);
    return { addresses: addresses.map((address) => BigInt.asUintN(64, address - offset)), cut };
  });
}

/** `struct rb_root_cached` begins with a `struct rb_root`. */
function isHead({ name }: CAggregate, expected: string): boolean {
  return name === undefined || name.startsWith(expected);
}

function perCpu(call: Call, debuggee: Debuggee): Bound {
  const variable = call.value(0);
  const cpu = call.arguments?.[1] && call.value(1);
  const address = addressTaken(variable, variable.at);
  const copy = (machine: Machine): bigint => {
    const number = cpu ? Number(cpu.scalar(machine)) : cpuOf(machine, call.at, debuggee);
    const offset =
      Number.isSafeInteger(number) && number >= 0
        ? debuggee.kernel.perCpuOffset(number, machine.frame.memory)
        : undefined;
    if (offset !== undefined) return BigInt.asUintN(64, BigInt(address.scalar(machine)) + offset);
    throw new ExpressionError(
      call.at,
      `There is no CPU ${number}, or the kernel has not set up its per-CPU area yet.`,
    );
  };
  // A symbol without a type is its address, and so is its copy.
  return variable.place ? memoryAt(call.at, variable.type, copy) : rvalue(call.at, UNSIGNED_LONG, copy);
}

const containerOf: Helper = (call) => {
  const pointer = call.value(0);
  const type = call.type(1);
  const offset = offsetOf(type, call.members(2), call.at);
  return rvalue(call.at, pointerTo(type), (machine) =>
    BigInt.asUintN(64, BigInt(pointer.scalar(machine)) - offset),
  );
};
