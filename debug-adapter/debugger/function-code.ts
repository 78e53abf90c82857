/** The instructions of one function, as they are in memory, with its call frame information. */
import type { Debuggee } from './api';
import type { CallFrameRow, ProgramSymbol } from '../symbols/api';
import type { Instruction, TargetHart } from '../target/target';
import type { Frame } from '../unwind/types';

export interface PlacedInstruction extends Instruction {
  /** At link time. */
  readonly address: bigint;
}

export class FunctionCode {
  readonly #debuggee: Debuggee;
  readonly #hart: TargetHart;
  readonly #symbol: ProgramSymbol;
  /** Running minus link-time addresses. */
  readonly #moved: bigint;

  /** The function that a frame is of; `undefined` if there is none. */
  static of(
    debuggee: Debuggee,
    hart: TargetHart,
    { pc, isReturnAddress }: Pick<Frame, 'pc' | 'isReturnAddress'>,
  ): FunctionCode | undefined {
    const { address } = debuggee.kernel.linkAddress(pc, hart.bare);
    const symbol = debuggee.program.symbols.at(isReturnAddress ? address - 1n : address);
    return symbol && new FunctionCode(debuggee, hart, symbol, pc - address);
  }

  private constructor(debuggee: Debuggee, hart: TargetHart, symbol: ProgramSymbol, moved: bigint) {
    this.#debuggee = debuggee;
    this.#hart = hart;
    this.#symbol = symbol;
    this.#moved = moved;
  }

  /** At link time. */
  get start(): bigint {
    return this.#symbol.address;
  }

  /** Its call frame information; none of what follows a gap. */
  rows(): readonly CallFrameRow[] {
    const rows: CallFrameRow[] = [];
    const end = this.start + BigInt(this.#symbol.size);
    for (let at = this.start; at < end; at = rows.at(-1)!.end) {
      const row = this.#debuggee.program.callFrames?.at(at);
      if (!row) break;
      rows.push(row);
    }
    return rows;
  }

  *instructions(
    from: bigint = this.start,
    to: bigint = this.start + BigInt(this.#symbol.size),
  ): Iterable<PlacedInstruction> {
    for (let address = from; address < to;) {
      const instruction = this.#debuggee.target.disassemble(this.#bytes(address), address);
      if (!instruction) return;
      yield { ...instruction, address };
      address += BigInt(instruction.length);
    }
  }

  /** No instruction of `[from, to)` can go anywhere but to the next one. */
  isStraight(from: bigint, to: bigint): boolean {
    return [...this.instructions(from, to)].every(({ flow }) => flow === 'none');
  }

  #bytes(address: bigint, length = 4): Uint8Array {
    return this.#hart.readMemory(address + this.#moved, length);
  }
}
