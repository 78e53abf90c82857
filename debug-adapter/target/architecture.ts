/** What the emulator knows of the architecture, in a debugger's words. */
import { csrDefinitions } from '../../emulator/core/csr/table';
import { disassemble } from '../../emulator/isa/disassemble';
import { floatRegisterNames, registerNames } from '../../emulator/isa/registers';
import type { Architecture } from './emulator-target';

export const architecture: Architecture = {
  csrs: csrDefinitions,
  disassemble(bytes, address) {
    if (bytes.length < 2) return undefined;
    const low = bytes[0]! | (bytes[1]! << 8);
    const isLong = (low & 3) === 3;
    if (isLong && bytes.length < 4) return undefined;
    return disassemble(isLong ? low | (bytes[2]! << 16) | (bytes[3]! << 24) : low, address);
  },
  registerName: (index) => registerNames[index] ?? `x${index}`,
  floatRegisterName: (index) => floatRegisterNames[index] ?? `f${index}`,
};
