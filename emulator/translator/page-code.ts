import type { Decoded } from '../isa/decode';

/** What an instruction means for control flow in its page. */
export const Kind = {
  /** Goes on with the next instruction. */
  plain: 0,
  branch: 1,
  /** `jal` without a link. */
  jump: 2,
  /** `jal` with one. */
  call: 3,
  /** `jalr` without a link. */
  indirect: 4,
  indirectCall: 5,
} as const;

/** An instruction at its place in the page. */
export interface Placed {
  /** Offset in the page, bytes. */
  readonly offset: number;
  /** As it stands in memory. */
  readonly bits: number;
  readonly decoded: Decoded;
}

/** The instructions of a page that translated code may execute. Arrays are by place, the number of a halfword. */
export interface PageCode {
  /** Halfwords in the page. */
  readonly places: number;
  /** Halfwords of the instruction; 0 where there is none. */
  readonly lengths: Uint8Array;
  /** One of `Kind`. */
  readonly kinds: Uint8Array;
  /** Place that a branch, jump or call leads to; -1 if it is not in the page. */
  readonly targets: Int16Array;
  /** The instruction at an offset where there is one. */
  instructionAt(offset: number): Placed;
}
