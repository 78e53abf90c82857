import { a } from './a';
import { c } from './c';
import { d } from './d';
import { f } from './f';
import { floatCsrs } from './float-csrs';
import type { Instruction } from './instruction';
import { m } from './m';
import { privileged } from './privileged';
import { rv64i } from './rv64i';
import { svinval } from './svinval';
import { zba } from './zba';
import { zbb } from './zbb';
import { zbc } from './zbc';
import { zbs } from './zbs';
import { zicbom, zicboz } from './zicbo';
import { zicbop } from './zicbop';
import { zicntr } from './zicntr';
import { zicond } from './zicond';
import { zicsr } from './zicsr';
import { zifencei } from './zifencei';
import { zihintpause } from './zihintpause';

/** All instructions of the machine. Where encodings overlap (`pause` is a `fence`, `rdtime` and `frflags` a `csrrs`) the earlier one is meant. */
export const instructions: readonly Instruction[] = [
  ...zihintpause,
  ...zicbop,
  ...rv64i,
  ...m,
  ...a,
  ...f,
  ...d,
  ...zba,
  ...zbb,
  ...zbc,
  ...zbs,
  ...zicbom,
  ...zicboz,
  ...zicond,
  ...zicntr,
  ...floatCsrs,
  ...zicsr,
  ...zifencei,
  ...privileged,
  ...svinval,
];

export const compressedInstructions = c;

const byMnemonic = new Map(instructions.map((instruction) => [instruction.mnemonic, instruction]));

/** The instruction of that name, not an alias. */
export function findInstruction(mnemonic: string): Instruction | undefined {
  return byMnemonic.get(mnemonic);
}
