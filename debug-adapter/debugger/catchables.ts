/**
 * What a debugger can be asked to stop at beside places in code, each by a name that a person writes: traps by their cause (priv 1.13
 * §4.1.8), system calls, what is wrong with the stack that a trap finds.
 */
import type { Bug } from '../kernel/bug-table';
import type { ReportKind } from '../kernel/reports';
import { systemCalls } from '../kernel/system-calls';
import type { TargetHart, Trap, TrapFilter } from '../target/target';
import { causes, isInterrupt, type Cause } from '../unwind/trap-cause';
import type { Debuggee } from './api';
import { cannotUnwind, overwrittenRecord, reservedType } from './stack-checks';
import { noHandler, parked, trapLoop } from './unhandled-traps';
import { fetchTroubles, wildExecution } from './wild-execution';

/** Something to stop at. */
export interface Catchable {
  readonly name: string;
  /** Also written for it: a cause's code, a system call's number. */
  readonly number?: number;
  /** Chosen where no name is given. */
  readonly byDefault: boolean;
  /** The traps at which it can happen. */
  readonly traps: TrapFilter;
  /** Of those traps, the ones that are meant; a look at the hart, cheap enough for each of them. */
  readonly accepts?: (hart: TargetHart) => boolean;
  /** Stops only at traps that this says yes to, or of which it finds something to say. */
  readonly check?: TrapCheck;
  /** It happens where the kernel leaves its text, too. */
  readonly strays?: boolean;
  /** It happens where the kernel calls one of its functions, and not at a trap. */
  readonly report?: ReportKind;
  /** Why it can never be seen, if so; a sentence. */
  readonly lacks?: (given: Given) => string | undefined;
}

/** What decides about what can be seen. */
interface Given {
  readonly kernel: Debuggee['kernel'];
  /** The launch configuration has `recordCalls`. */
  readonly recordsCalls: boolean;
}

type TrapCheck = (debuggee: Debuggee, hart: TargetHart, trap: Trap) => true | string | undefined;

const a7 = 17;
const none = 0n;
const all = (1n << 64n) - 1n;
const noTraps: TrapFilter = { exceptionsFromKernel: none, exceptionsFromUser: none, interrupts: none };
const [breakpoint, userCall] = [3, 8] as const;

const bit = (code: number): bigint => 1n << BigInt(code);

function ofCauses(kind: Cause['kind'], on: (mask: bigint) => Partial<TrapFilter>): readonly Catchable[] {
  return causes
    .filter((cause) => cause.kind === kind)
    .map(({ code, name }) => ({
      name,
      number: code,
      // What programs and kernels ask for is no mistake of theirs.
      byDefault: !name.startsWith('environment call'),
      traps: { ...noTraps, ...on(bit(code)) },
    }));
}

/** Taken in S-mode or M-mode. */
export const kernelExceptions = ofCauses('exception', (mask) => ({ exceptionsFromKernel: mask }));

export const userExceptions = ofCauses('exception', (mask) => ({ exceptionsFromUser: mask }));

/** Wherever they interrupt. */
export const interrupts = ofCauses('interrupt', (mask) => ({ interrupts: mask }));

/** An `ecall` from user mode, by the system call that a7 asks for. */
export const calls: readonly Catchable[] = systemCalls.map(({ number, name }) => ({
  name,
  number,
  byDefault: false,
  traps: { ...noTraps, exceptionsFromUser: bit(userCall) },
  accepts: (hart) => hart.getX(a7) === BigInt(number),
}));

/** Any call, also of numbers without a name. */
export const anyCall: Catchable = {
  name: 'any',
  byDefault: true,
  traps: { ...noTraps, exceptionsFromUser: bit(userCall) },
};

const fromKernel: TrapFilter = { exceptionsFromKernel: all, exceptionsFromUser: none, interrupts: all };

const check = (name: string, traps: TrapFilter, check: TrapCheck): Catchable => ({
  name,
  byDefault: true,
  traps,
  check,
});

export const stackChecks: readonly Catchable[] = [
  check('cannot unwind', fromKernel, cannotUnwind),
  check('reserved type', fromKernel, reservedType),
  {
    ...check('overwritten record', fromKernel, overwrittenRecord),
    lacks: ({ recordsCalls }) =>
      recordsCalls
        ? undefined
        : '\'overwritten record\' can be told only with "recordCalls": true in launch.json.',
  },
];

const report = (name: string, kind: ReportKind): Catchable => ({
  name,
  byDefault: true,
  traps: noTraps,
  report: kind,
});

const bug = (kind: Bug['kind']): Catchable => ({
  ...check(
    kind,
    { ...noTraps, exceptionsFromKernel: bit(breakpoint) },
    ({ kernel }, _hart, { epc }) => kernel.bugAt(epc)?.kind === kind || undefined,
  ),
  lacks: ({ kernel }) =>
    kernel.knowsBugs
      ? undefined
      : `'${kind}' cannot be told from other breakpoints: the program has no __bug_table.`,
});

/** Where a kernel says that something is wrong with it. */
export const kernelReports: readonly Catchable[] = [
  report('panic', 'panic'),
  report('oops', 'oops'),
  bug('BUG'),
  bug('WARN'),
];

// What there is to say of it is part of every explanation of such a trap.
const isWild: TrapCheck = (debuggee, hart, trap) =>
  wildExecution(debuggee, hart, trap) === undefined ? undefined : true;

/** The kernel executes what is no code of it. */
export const wildExecutions: readonly Catchable[] = [
  { ...check('wild', { ...noTraps, exceptionsFromKernel: fetchTroubles }, isWild), strays: true },
];

const anywhere: TrapFilter = { exceptionsFromKernel: all, exceptionsFromUser: all, interrupts: all };

/** Traps that nobody handles. */
export const unhandledTraps: readonly Catchable[] = [
  check('no handler', anywhere, noHandler),
  check('trap loop', anywhere, trapLoop),
  check('parked', anywhere, parked),
];

/** What the target has to stop at so that all of these can be seen; `undefined` for none. */
export function trapsOf(catchables: readonly Catchable[]): TrapFilter | undefined {
  if (catchables.length === 0) return undefined;
  const union = (mask: keyof TrapFilter): bigint =>
    catchables.reduce((sum, { traps }) => sum | traps[mask], none);
  return {
    exceptionsFromKernel: union('exceptionsFromKernel'),
    exceptionsFromUser: union('exceptionsFromUser'),
    interrupts: union('interrupts'),
  };
}

/** Whether a trap is one of those that are meant, before any check. */
export function isMeant({ traps, accepts }: Catchable, trap: Trap, hart: TargetHart): boolean {
  const mask = isInterrupt(trap.cause)
    ? traps.interrupts
    : trap.from === 'user'
      ? traps.exceptionsFromUser
      : traps.exceptionsFromKernel;
  return ((mask >> (trap.cause & 63n)) & 1n) === 1n && (accepts?.(hart) ?? true);
}

/** A trap that is looked at: `true` if it is to stop the machine, a sentence if there is more to say of it. */
export function judge(
  { check: finds }: Catchable,
  trap: Trap,
  debuggee: Debuggee,
): true | string | undefined {
  return finds ? finds(debuggee, debuggee.target.harts[trap.hart]!, trap) : true;
}
