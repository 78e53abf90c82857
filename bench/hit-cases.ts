import type { HitOptions } from '../debug-adapter/debugger/hit-rule';

/** Breakpoints that are hit and do not stop; the first one is the simplest. */
export const hitCases: Readonly<Record<string, HitOptions>> = {
  'hit count': { hitCondition: '== 1000000000' },
  'a0 == 0': { condition: 'a0 == 0' },
  '$hart == 1': { condition: '$hart == 1' },
  '$task.comm == "nobody"': { condition: '$task.comm == "nobody"' },
  'log point {a0}': { logMessage: 'a0 is {a0}' },
};
