/** What each instruction of a step means: still in the statement, complete, or gone into a call or a trap. */
import type { LineRange, ProgramSymbol } from '../symbols/api';
import type { Instruction, Privilege, TargetHart } from '../target/target';
import type { Debuggee } from './api';
import { functionAt, instructionAt, isAssembly, rowAt } from './code';

/** A hart before an instruction of the step. */
export interface StepPoint {
  readonly pc: bigint;
  readonly sp: bigint;
  readonly privilege: Privilege;
  readonly bare: boolean;
  readonly instruction: Instruction | undefined;
  readonly function: ProgramSymbol | undefined;
}

/** `called` and `trapped` ask to run until the hart is back in the frame of `before`. */
export type StepEvent = 'go-on' | 'complete' | 'called' | 'trapped';

const stvec = 0x105;
const mtvec = 0x305;
const sp = 2;

export class StepScan {
  hart: TargetHart;
  event: StepEvent = 'go-on';
  /** Before the last instruction. */
  before: StepPoint;
  readonly #debuggee: Debuggee;
  readonly #kind: 'in' | 'over';
  readonly #start: LineRange | undefined;

  /** `start`: the row of a statement step; without one the step is a single instruction. */
  constructor(debuggee: Debuggee, hart: TargetHart, kind: 'in' | 'over', start: LineRange | undefined) {
    this.#debuggee = debuggee;
    this.#kind = kind;
    this.#start = start;
    this.hart = hart;
    this.before = this.#point();
  }

  /** Looks at the hart after one more instruction. */
  advance(): StepEvent {
    // Turning the MMU on makes the next fetch fault on purpose (head.S, relocate_enable_mmu): nobody can stand there.
    if (!this.#isReadable()) return 'go-on';
    this.event = this.#judge();
    // The frame to come back to stays known while a call or a trap is run over.
    if (this.event === 'go-on') this.before = this.#point();
    return this.event;
  }

  /** A call or trap came back, maybe on another hart, as the scheduler wanted; true if that completes the step. */
  resume(hart: TargetHart): boolean {
    this.hart = hart;
    // The instruction that trapped is done again: it has not been stepped yet.
    const again = this.event === 'trapped' && hart.pc === this.before.pc;
    const complete = !again && this.#isComplete();
    this.before = this.#point();
    return complete;
  }

  #point(): StepPoint {
    const { hart } = this;
    const { pc, bare, privilege } = hart;
    return {
      pc,
      sp: hart.getX(sp),
      privilege,
      bare,
      instruction: instructionAt(this.#debuggee, hart, pc),
      function: functionAt(this.#debuggee, pc, bare),
    };
  }

  #judge(): StepEvent {
    if (this.#kind === 'over') {
      if (this.#hasTrapped()) return 'trapped';
      if (this.#hasCalled()) return 'called';
    } else if (this.#start && this.#hasCalled() && !this.#row()) return 'called';
    return this.#isComplete() ? 'complete' : 'go-on';
  }

  #isReadable(): boolean {
    return this.hart.readMemory(this.hart.pc, 2).length === 2;
  }

  /**
   * With interrupts held only exceptions are taken, and those go to the base of tvec (priv 1.13 §3.1.7). One that stays
   * in the function is its way of going on: the MMU turned on.
   */
  #hasTrapped(): boolean {
    const { hart, before } = this;
    const vector = hart.getCsr(hart.privilege === 'machine' ? mtvec : stvec) ?? 0n;
    const flow = before.instruction?.flow ?? 'trap';
    const atVector = hart.pc === (vector & ~3n) && (flow === 'none' || flow === 'trap' || flow === 'branch');
    return (
      atVector && hart.pc !== before.pc + BigInt(before.instruction?.length ?? 0) && !this.#sameFunction()
    );
  }

  #hasCalled(): boolean {
    const { instruction, pc } = this.before;
    if (instruction?.flow === 'call') return this.hart.pc !== pc + BigInt(instruction.length);
    return instruction?.flow === 'jump' && this.#isTailCall();
  }

  /** Compiled code that jumps to the entry of another function: that function returns to our caller. */
  #isTailCall(): boolean {
    if (this.#start === undefined || isAssembly(this.#start.file) || this.#sameFunction()) return false;
    const { hart } = this;
    const { address } = this.#debuggee.kernel.linkAddress(hart.pc, hart.bare);
    return functionAt(this.#debuggee, hart.pc, hart.bare)?.address === address;
  }

  #sameFunction(): boolean {
    const now = functionAt(this.#debuggee, this.hart.pc, this.hart.bare);
    return now !== undefined && now.address === this.before.function?.address;
  }

  #row(): LineRange | undefined {
    return rowAt(this.#debuggee, this.hart.pc, this.hart.bare);
  }

  #isComplete(): boolean {
    const start = this.#start;
    if (!start) return true;
    const row = this.#row();
    if (!row || !this.#sameFunction()) return true;
    if (row.file === start.file && row.line === start.line) {
      // A loop of one line in assembly: each turn is a step.
      return isAssembly(row.file) && this.hart.pc <= this.before.pc;
    }
    const { address } = this.#debuggee.kernel.linkAddress(this.hart.pc, this.hart.bare);
    return row.isStatement && row.start === address;
  }
}
