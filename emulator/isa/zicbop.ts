import { nothing } from '../wasm/expression';
import { belongingTo, define } from './instruction';

/** Cache-block prefetches (unpriv §19.4): hints in the encodings of `ori` that write x0. There are no caches. */

const prefetch = (kind: string, number: string) =>
  define(`prefetch.${kind} imm(rs1)`, `imm[11:5] ${number} rs1 110 00000 0010011`, () => nothing);

export const zicbop = belongingTo('zicbop', [
  prefetch('i', '00000'),
  prefetch('r', '00001'),
  prefetch('w', '00011'),
]);
