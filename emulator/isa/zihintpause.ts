import { nothing } from '../wasm/expression';
import { belongingTo, define } from './instruction';

/** The pause hint, a `fence w,0` (unpriv §8). Waiting has no meaning for a hart that counts instructions. */
export const zihintpause = belongingTo('zihintpause', [
  define('pause', '0000 0001 0000 00000 000 00000 0001111', () => nothing),
]);
