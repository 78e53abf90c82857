import { nothing } from '../wasm/expression';
import { define } from './instruction';

/**
 * Instruction-fetch fence (unpriv §6). Nothing to do: stores to pages with decoded instructions drop those at once, so
 * fetches always see the latest stores. Reserved fields are ignored, as the manual asks.
 */
export const zifencei = [define('fence.i', 'hint[21:5] 001 hint[4:0] 0001111', () => nothing)];
