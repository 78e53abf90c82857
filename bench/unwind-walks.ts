import type { WalkChoice } from '../debug-adapter/debugger/walks';

/** The walks whose speed is measured, in the order of the figures. */
export const walks: readonly WalkChoice[] = ['default', 'metadata', 'legacy', 'cfi'];
