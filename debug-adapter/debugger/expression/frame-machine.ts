/** Where an expression is evaluated: in a frame of a stack, or on a hart as it stands. */
import type { FrameContext } from '../../symbols/c-types';
import { cfaOf } from '../../symbols/dwarf/caller-registers';
import type { Machine, Writer } from '../../symbols/expression/names';
import { ExpressionError } from '../../symbols/expression/tokens';
import type { TargetHart } from '../../target/target';
import { hex } from '../../unwind/hex';
import type { Debuggee } from '../api';
import { memoryOf } from '../harts';

export interface Standpoint {
  readonly hart: TargetHart;
  readonly frame: FrameContext;
  /** As the hart or a frame record holds it. */
  readonly pc: bigint;
  /** Address of the task whose stack it is; `undefined` for the one that the hart runs. */
  readonly task?: bigint;
  /** How many of the functions inlined at pc the frame is out of: 0 for the innermost. */
  readonly inlined?: number;
  /** True if the hart's registers are those of the frame. */
  readonly live: boolean;
}

export class FrameMachine implements Machine {
  readonly standpoint: Standpoint;
  readonly writer: Writer | undefined;

  constructor(standpoint: Standpoint, writer?: Writer) {
    this.standpoint = standpoint;
    this.writer = writer;
  }

  get frame(): FrameContext {
    return this.standpoint.frame;
  }

  get pc(): bigint {
    return this.standpoint.pc;
  }

  get hart(): number {
    return this.standpoint.hart.index;
  }
}

/** The hart on which a helper or a register of the debugger is evaluated. */
export function standpointOf(machine: Machine, at: number): Standpoint {
  if (machine instanceof FrameMachine) return machine.standpoint;
  throw new ExpressionError(at, 'There is no hart here.');
}

/** The innermost frame of a hart, without a walk of its stack: always as the hart stands then. */
export function hartStandpoint(hart: TargetHart, debuggee: Debuggee): Standpoint {
  let found = standpoints.get(hart);
  if (found?.kernel !== debuggee.kernel) standpoints.set(hart, (found = new HartStandpoint(hart, debuggee)));
  return found;
}

/** Conditions are evaluated a hundred thousand times a second. */
const standpoints = new WeakMap<TargetHart, HartStandpoint>();

class HartStandpoint implements Standpoint {
  readonly hart: TargetHart;
  readonly kernel: Debuggee['kernel'];
  readonly frame: FrameContext;
  readonly live = true;

  constructor(hart: TargetHart, debuggee: Debuggee) {
    this.hart = hart;
    this.kernel = debuggee.kernel;
    this.frame = new HartFrame(hart, debuggee);
  }

  get pc(): bigint {
    return this.hart.pc;
  }
}

class HartFrame implements FrameContext {
  readonly register: FrameContext['register'];
  readonly memory: FrameContext['memory'];
  readonly cfa: FrameContext['cfa'];
  readonly caller = () => undefined;
  readonly runAddress: FrameContext['runAddress'];
  readonly #linkedPc: () => bigint;

  constructor(hart: TargetHart, { kernel, program }: Pick<Debuggee, 'kernel' | 'program'>) {
    const registers = { get: (index: number) => hart.getX(index) };
    this.cfa = () => {
      const row = program.callFrames?.at(this.pc);
      return row && cfaOf(row.cfa, { registers, memory: this.memory });
    };
    this.register = (index) => hart.getX(index);
    this.memory = memoryOf(hart);
    this.runAddress = (linked) => kernel.runAddresses(linked).at(hart.bare ? -1 : 0) ?? linked;
    this.#linkedPc = () => kernel.linkAddress(hart.pc, hart.bare).address;
  }

  get pc(): bigint {
    return this.#linkedPc();
  }
}

/** Writes registers, if they are the frame's, and memory as the hart sees it. */
export function writerOf({ hart, live }: Standpoint): Writer {
  return {
    register(index, value) {
      if (!live) return 'only the innermost frame has its registers in the machine; select that frame';
      hart.setX(index, value);
      return undefined;
    },
    memory(address, bytes) {
      // All or nothing; only RAM is both readable and writable.
      const readable = hart.readMemory(address, bytes.length).length === bytes.length;
      return readable && hart.writeMemory(address, bytes) === bytes.length
        ? undefined
        : `the memory at ${hex(address)} is not mapped, or not RAM`;
    },
  };
}
