import { nothing } from '../wasm/expression';
import { belongingTo, define } from './instruction';

/**
 * Instruction-fetch fence (unpriv §6). Nothing to do: stores to pages with decoded instructions drop those at once, so
 * fetches always see the latest stores. Reserved fields are ignored, as the manual asks.
 */
export const zifencei = belongingTo('zifencei', [
  define('fence.i', 'hint[21:5] 001 hint[4:0] 0001111', () => nothing),
]);
