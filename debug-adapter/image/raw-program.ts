/** The program that an image without symbols is: it runs and is disassembled, and nothing in it has a name. */
import type { Program } from '../symbols/api';
import { emptySymbolTable } from '../symbols/symbol-table/symbol-table';
import type { LoadedImage } from './placement';

export function rawProgram({ segments, entry }: LoadedImage): Program {
  return {
    entry,
    segments,
    symbols: emptySymbolTable,
    lines: undefined,
    callFrames: undefined,
    debug: undefined,
    types: { struct: () => undefined, enumerator: () => undefined },
    text: segments
      .filter(({ executable }) => executable)
      .map(({ virtualAddress, memorySize }) => ({
        start: virtualAddress,
        end: virtualAddress + BigInt(memorySize),
      })),
    warnings: [],
    *prepare() {
      // There is nothing to read.
    },
  };
}
