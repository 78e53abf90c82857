/** What each instruction of a step means: still in the statement, complete, or gone into a call or a trap. */
import type { LineRange, ProgramSymbol } from '../symbols/api';
import type { Instruction, Privilege, TargetHart, Trap } from '../target/target';
import type { Debuggee } from './api';
import { functionAt, instructionAt, isAssembly, isSameFunction, rowAt } from './code';
import { codeAhead, type Borders, type CodeAhead } from './code-ahead';
import type { InlineNest } from './inline-nest';
import type { Comeback } from './step-return';
import { StepStatement, type StepWish } from './step-statement';
import { trapVector, trapVectors } from './trap-vector';
import { isInterrupt } from '../unwind/trap-cause';

/** A hart before an instruction of the step. */
export interface StepPoint {
  readonly pc: bigint;
  readonly sp: bigint;
  readonly privilege: Privilege;
  readonly bare: boolean;
  readonly instruction: Instruction | undefined;
  readonly function: ProgramSymbol | undefined;
  /** The last trap until then. */
  readonly trap: Trap | undefined;
}

/** `called` and `trapped` ask to run until the hart is back in the frame of `before`. */
type StepEvent = 'go-on' | 'complete' | 'called' | 'trapped';

/** Most statements are through after so many instructions; for one that is not, breakpoints are worth their price. */
const patience = 48;

const sp = 2;

export class StepScan {
  hart: TargetHart;
  event: StepEvent = 'go-on';
  /** Before the last instruction. */
  before: StepPoint;
  /** The step has ended in a function that was called. */
  entered = false;
  #looks = 0;
  readonly #debuggee: Debuggee;
  readonly #wish: StepWish;
  readonly #ahead = new Map<bigint, CodeAhead>();
  readonly #statement: StepStatement;

  constructor(debuggee: Debuggee, hart: TargetHart, wish: StepWish) {
    this.#debuggee = debuggee;
    this.#wish = wish;
    this.hart = hart;
    this.before = this.#point();
    this.#statement = new StepStatement(debuggee, wish, hart.pc, hart.bare);
  }

  /** The statement is a long one: a leap is tried before the next instruction. */
  get isLong(): boolean {
    return !this.#statement.isInstruction && this.#looks >= patience;
  }

  /** The instructions that can execute before the statement ends, ascending; calls come back to it. */
  statement(): readonly bigint[] {
    const { instructions, stops } = this.#codeFrom({ passSp: true });
    return [...instructions, ...stops]
      .filter((pc) => instructions.has(pc) || this.#mayCallByJump(pc))
      .sort(ascending);
  }

  /** The functions inlined inside each other down to the one that was inlined into the step's own and has that address, if one has. */
  inlinedAt(pc: bigint): InlineNest | undefined {
    return this.#statement.inlinedAt(pc, this.hart.bare);
  }

  /** Looks at the hart after one more instruction. */
  advance(): StepEvent {
    this.#looks++;
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
    this.event = complete ? 'complete' : 'go-on';
    this.before = this.#point();
    return complete;
  }

  /**
   * Where the hart gets in a long statement before anything has to be judged; `undefined` if that is the next instruction.
   * Calls that are stepped over need no look at all. Interrupts are taken: the statement may be one that waits for them.
   */
  leap(): Comeback | undefined {
    if (!this.isLong) return undefined;
    this.#looks = 0;
    const { hart } = this;
    const code = this.#codeAhead();
    if (code.instructions.size === 0) return undefined;
    const frame = hart.getX(sp);
    const vectors = new Set(trapVectors(hart));
    return {
      addresses: [...code.stops, ...vectors],
      accept: (candidate) =>
        candidate.getX(sp) === frame &&
        (code.stops.has(candidate.pc) || (vectors.has(candidate.pc) && this.#isTrapOf(candidate, code))),
    };
  }

  /** The leap came to its end. */
  land(hart: TargetHart): StepEvent {
    this.hart = hart;
    const trap = hart.lastTrap;
    const trapped = trap !== undefined && hart.pc === trapVector(hart, trap.to) && this.#codeHas(trap.epc);
    if (trapped) {
      const { bare } = this.before;
      this.before = {
        ...this.before,
        pc: trap.epc,
        sp: hart.getX(sp),
        instruction: instructionAt(this.#debuggee, hart, trap.epc),
        function: functionAt(this.#debuggee, trap.epc, bare),
      };
      this.event = this.#afterTrap();
    } else {
      this.event = this.#isComplete() ? 'complete' : 'go-on';
      this.before = this.#point();
    }
    return this.event;
  }

  #codeAhead(): CodeAhead {
    const { pc } = this.hart;
    let code = this.#ahead.get(pc);
    if (!code) {
      // Interrupts are taken meanwhile, and calls run: sp has to tell the frame.
      code = this.#codeFrom({ passSp: false });
      this.#ahead.set(pc, code);
    }
    return code;
  }

  #codeFrom({ passSp }: Pick<Borders, 'passSp'>): CodeAhead {
    return codeAhead(this.#debuggee, this.hart, {
      isEnd: (at) => this.#endsAt(at),
      stopsBefore: (at) => at === this.#wish.into || this.#mayCallByJump(at),
      passCalls: this.#wish.kind !== 'in',
      passSp,
    });
  }

  #codeHas(pc: bigint): boolean {
    return [...this.#ahead.values()].some(({ instructions }) => instructions.has(pc));
  }

  /** Interrupts come back by themselves. */
  #isTrapOf({ lastTrap }: TargetHart, { instructions }: CodeAhead): boolean {
    return lastTrap !== undefined && !isInterrupt(lastTrap.cause) && instructions.has(lastTrap.epc);
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
      trap: hart.lastTrap,
    };
  }

  #judge(): StepEvent {
    if (this.#hasTrapped()) return this.#afterTrap();
    if (this.#hasCalled()) return this.#afterCall();
    // Back in the caller, which may be the same function.
    if (this.before.instruction?.flow === 'return') return 'complete';
    return this.#isComplete() ? 'complete' : 'go-on';
  }

  #afterTrap(): StepEvent {
    return this.#wish.kind === 'in' || this.before.pc === this.#wish.into ? 'complete' : 'trapped';
  }

  #afterCall(): StepEvent {
    const { kind, row, into } = this.#wish;
    const enters =
      into === undefined ? kind === 'in' && (!row || this.#row() !== undefined) : this.before.pc === into;
    this.entered = enters;
    return enters ? 'complete' : 'called';
  }

  #isReadable(): boolean {
    return this.hart.readMemory(this.hart.pc, 2).length === 2;
  }

  /** A trap that turns the MMU on is how its function goes on (head.S, relocate_enable_mmu). */
  #hasTrapped(): boolean {
    const { hart, before } = this;
    if (hart.lastTrap === before.trap) return false;
    return !(before.bare && !hart.bare && this.#isHere(hart.pc));
  }

  #hasCalled(): boolean {
    const { instruction, pc } = this.before;
    if (instruction?.flow === 'call') return this.hart.pc !== pc + BigInt(instruction.length);
    return instruction?.flow === 'jump' && this.#isTailCall(this.hart.pc);
  }

  /** Compiled code that jumps to the entry of another function: that function returns to our caller. */
  #isTailCall(target: bigint): boolean {
    const { row } = this.#wish;
    if (!row || isAssembly(row.file) || this.#isHere(target)) return false;
    const { address } = this.#debuggee.kernel.linkAddress(target, this.hart.bare);
    return functionAt(this.#debuggee, target, this.hart.bare)?.address === address;
  }

  #mayCallByJump(pc: bigint): boolean {
    const instruction = instructionAt(this.#debuggee, this.hart, pc);
    return (
      instruction?.flow === 'jump' &&
      (instruction.target === undefined || this.#isTailCall(instruction.target))
    );
  }

  /** Whether an address is of the function that the step is in. */
  #isHere(pc: bigint): boolean {
    return isSameFunction(functionAt(this.#debuggee, pc, this.hart.bare), this.before.function);
  }

  #row(): LineRange | undefined {
    return rowAt(this.#debuggee, this.hart.pc, this.hart.bare);
  }

  #isComplete(): boolean {
    return this.#endsAt(this.hart.pc);
  }

  /** Whether a hart that comes there from the code of the step has done its statement: another one begins. */
  #endsAt(pc: bigint): boolean {
    return !this.#isHere(pc) || this.#statement.endsAt(pc, this.hart.bare);
  }
}

function ascending(one: bigint, other: bigint): number {
  return one < other ? -1 : Number(one > other);
}
