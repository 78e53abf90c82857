import { finish } from '../symbols/steps';
import type { Perform } from './api';

/** Does long work at once: where nobody waits for anything else. */
export const atOnce: Perform = (_, steps) => Promise.resolve(finish(steps));
