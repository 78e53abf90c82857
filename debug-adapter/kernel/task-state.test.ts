import assert from 'node:assert/strict';
import { taskState } from './task-state';

describe("a task's state", () => {
  it('is named as the kernel names it', () => {
    const letters = [
      [0, 0, 'R'],
      [1, 0, 'S'],
      [2, 0, 'D'],
      [0x402, 0, 'I'],
      [4, 0, 'T'],
      [8, 0, 't'],
      [0x40, 0, 'P'],
      [0x80, 0x10, 'X'],
      [0x80, 0x20, 'Z'],
      // TASK_NEW and TASK_WAKING have no letter of their own.
      [0x800, 0, 'R'],
      [0x200, 0, 'R'],
      [0x102, 0, 'D'],
    ] as const;
    for (const [state, exitState, letter] of letters)
      assert.equal(taskState(state, exitState).letter, letter);
  });
});
