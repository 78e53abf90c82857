/** What the frames of a walk know for the locations of their variables: registers, memory, the CFA and the caller. */
import type { FrameContext } from '../symbols/c-types';
import { callerRegisters, cfaOf } from '../symbols/dwarf/caller-registers';
import type { TargetHart } from '../target/target';
import type { Frame, KnownRegisters, ReadMemory, WalkResult } from '../unwind/types';
import type { Debuggee } from './api';
import { memoryOf } from './harts';

const s0 = 8;

/** Contexts of walks, one for each frame that was asked for. A walk is of one stop, and so are they. */
const known = new WeakMap<WalkResult, WalkFrames>();

/**
 * The context of a frame of a walk, by its index there. The live frame has all registers and one from pt_regs all that were saved; a
 * caller has what call frame information recovers, frame by frame, or else what the walk itself is certain of. Never throws.
 * @param hart the one whose memory the walk read
 */
export function frameContext(
  debuggee: Debuggee,
  hart: TargetHart,
  walk: WalkResult,
  index: number,
): FrameContext {
  let frames = known.get(walk);
  if (!frames) known.set(walk, (frames = new WalkFrames(debuggee, hart, walk)));
  return frames.at(index);
}

class WalkFrames {
  readonly debuggee: Debuggee;
  readonly hart: TargetHart;
  readonly frames: readonly Frame[];
  readonly memory: ReadMemory;
  readonly #contexts: WalkFrameContext[] = [];

  constructor(debuggee: Debuggee, hart: TargetHart, { frames }: WalkResult) {
    this.debuggee = debuggee;
    this.hart = hart;
    this.frames = frames;
    this.memory = memoryOf(hart);
  }

  at(index: number): WalkFrameContext {
    return (this.#contexts[index] ??= new WalkFrameContext(this, index, this.#registersOf(index)));
  }

  /** From the innermost frame on, since each one's registers come from those of the one that it called. */
  #registersOf(index: number): KnownRegisters {
    const frame = this.frames[index]!;
    const { origin } = frame;
    if (origin.kind === 'live') return { get: (register) => this.hart.getX(register) };
    if (origin.kind === 'pt_regs' || origin.kind === 'thread' || index === 0) return frame.registers;
    // The frames inside are made one after the other: a deep stack is no deep recursion.
    for (let inner = 0; inner < index; inner++) this.at(inner);
    return this.at(index - 1).recovered(frame.pc) ?? certain(frame);
  }
}

/** What the walk knows by itself: s0, and sp where its step has found it. */
function certain({ registers, fp }: Frame): KnownRegisters {
  return {
    get: (register) => registers.get(register) ?? (register === s0 && fp !== 0n ? fp : undefined),
  };
}

class WalkFrameContext implements FrameContext {
  readonly pc: bigint;
  readonly memory: ReadMemory;
  readonly #walk: WalkFrames;
  readonly #index: number;
  readonly #registers: KnownRegisters;

  constructor(walk: WalkFrames, index: number, registers: KnownRegisters) {
    const { pc, isReturnAddress } = walk.frames[index]!;
    const linked = walk.debuggee.kernel.linkAddress(pc, walk.hart.bare).address;
    this.pc = isReturnAddress ? linked - 1n : linked;
    this.memory = walk.memory;
    this.#walk = walk;
    this.#index = index;
    this.#registers = registers;
  }

  readonly register = (index: number): bigint | undefined => (index === 0 ? 0n : this.#registers.get(index));

  readonly cfa = (): bigint | undefined => {
    const row = this.#walk.debuggee.program.callFrames?.at(this.pc);
    return row && cfaOf(row.cfa, { registers: this.#registers, memory: this.memory });
  };

  /** What an exception has interrupted has called nobody. */
  readonly caller = (): FrameContext | undefined => {
    const next = this.#walk.frames[this.#index + 1];
    return next?.isReturnAddress === true && this.recovered(next.pc)
      ? this.#walk.at(this.#index + 1)
      : undefined;
  };

  readonly runAddress = (linked: bigint): bigint => {
    const { debuggee, hart } = this.#walk;
    return debuggee.kernel.runAddresses(linked).at(hart.bare ? -1 : 0) ?? linked;
  };

  /** Registers of the caller, if call frame information finds the same one as the walk. */
  recovered(pc: bigint): KnownRegisters | undefined {
    const row = this.#walk.debuggee.program.callFrames?.at(this.pc);
    const caller = row && callerRegisters(row, this.#registers, this.memory);
    return caller?.kind === 'caller' && caller.pc === pc ? caller.registers : undefined;
  }
}
