/** Which call a return address is of: the instruction right before it, as it is in memory. */
import type { Target, TargetHart } from '../target/target';
import type { CallSite } from '../unwind/types';

/** As the disassembler writes a `jalr` whose link register is ra: `jalr a5`, `jalr -92(ra)`. With another one it is written, too. */
const throughRegister = /^jalr (?:(-?\d+)\()?(\w+)\)?$/;
const direct = 'jal 0x';

/** Lengths of instructions, in bytes. */
const lengths = [2, 4] as const;
const registers = Array.from({ length: 32 }, (_, index) => index);

/**
 * The calls by ra that end at an address: none, one, or two where its last halfword is an instruction by itself as well. Never throws;
 * reads at most four bytes of the hart's memory, wherever the address is.
 */
export function callsBefore(
  target: Pick<Target, 'disassemble' | 'registerName'>,
  hart: Pick<TargetHart, 'readMemory'>,
  address: bigint,
): readonly CallSite[] {
  if ((address & 1n) !== 0n) return [];
  return lengths.flatMap((length): CallSite[] => {
    const at = BigInt.asUintN(64, address - BigInt(length));
    const instruction = target.disassemble(hart.readMemory(at, length), at);
    if (instruction?.length !== length) return [];
    const { text, target: goal } = instruction;
    if (goal !== undefined && text.startsWith(direct)) return [{ kind: 'direct', target: goal }];
    const [, offset = '0', name] = throughRegister.exec(text) ?? [];
    const register = registers.find((index) => target.registerName(index) === name);
    return register === undefined ? [] : [{ kind: 'register', register, offset: BigInt(offset) }];
  });
}
