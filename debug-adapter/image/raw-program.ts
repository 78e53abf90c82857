/** The program that an image without symbols is: it runs and is disassembled, and nothing in it has a name. */
import type { Program } from '../symbols/api';
import { createSymbolTable } from '../symbols/symbol-table';
import type { LoadedImage } from './placement';

export function rawProgram({ segments, entry }: LoadedImage): Program {
  return {
    entry,
    segments,
    symbols: createSymbolTable([]),
    lines: undefined,
    types: { struct: () => undefined, enumerator: () => undefined },
    text: segments
      .filter(({ executable }) => executable)
      .map(({ virtualAddress, memorySize }) => ({
        start: virtualAddress,
        end: virtualAddress + BigInt(memorySize),
      })),
    warnings: [],
  };
}
