import { isRelative } from '../isa/flow';
import type { Instruction } from '../isa/instruction';
import { compressedInstructions, instructions } from '../isa/table';

/** Handlers that are not instructions; those follow. */
export const Handler = {
  /** The entry is still to be filled. */
  undecoded: 0,
  /** Control runs on into the next page, or on from a one-off slot. */
  pageEnd: 1,
  /** The instruction ends in the next page: it executes from a one-off slot. */
  straddle: 2,
  /** A breakpoint in some address space that maps this page. */
  breakpoint: 3,
  /** A translated region begins here: the entry says which (see `layout.ts`). */
  translated: 4,
  illegal: 5,
} as const;
const firstInstruction = 6;

/** An instruction as one handler executes it. */
interface Variant {
  readonly instruction: Instruction;
  readonly length: 2 | 4;
  /** Branches that leave their page. */
  readonly far: boolean;
}

const withCompressedForm = new Set(compressedInstructions.map(({ expansion }) => expansion.split(' ')[0]));

/** All variants, in the order of their handlers. */
export const variants: readonly Variant[] = instructions.flatMap((instruction) =>
  (withCompressedForm.has(instruction.mnemonic) ? ([2, 4] as const) : ([4] as const)).flatMap((length) =>
    (isRelative(instruction) ? [false, true] : [false]).map((far) => ({ instruction, length, far })),
  ),
);

const numbers = new Map<Instruction, number[]>(instructions.map((instruction) => [instruction, []]));
variants.forEach(({ instruction, length, far }, index) => {
  numbers.get(instruction)![length + (far ? 1 : 0)] = firstInstruction + index;
});

/** The handler for an instruction of that length in memory. */
export function handlerOf(
  { instruction, length }: Pick<Variant, 'instruction' | 'length'>,
  far: boolean,
): number {
  return numbers.get(instruction)![length + (far ? 1 : 0)]!;
}

/** The variant of a handler; `undefined` if it is no instruction. */
export const variantOf = (handler: number): Variant | undefined => variants[handler - firstInstruction];
