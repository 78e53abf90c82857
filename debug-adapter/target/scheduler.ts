/** Turns of the host's event loop and its clock: all that the run loop needs of the world outside. */
export interface Scheduler {
  /** Milliseconds from any fixed point, never going back. */
  now(): number;
  /** Resolves after the host has had a turn to handle messages, input and timers. */
  turn(): Promise<void>;
  /** Calls `wake` once after so many milliseconds; the result cancels it. */
  after(milliseconds: number, wake: () => void): () => void;
}

/** `setImmediate` where the host has it (Node), else a message to ourselves (workers): neither is clamped to 4 ms as timers are. */
export function hostScheduler(): Scheduler {
  return {
    now: () => performance.now(),
    turn: typeof setImmediate === 'function' ? immediateTurn : messageTurn(),
    after: (milliseconds, wake) => {
      const timer = setTimeout(wake, milliseconds);
      return () => {
        clearTimeout(timer);
      };
    },
  };
}

function immediateTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function messageTurn(): () => Promise<void> {
  const channel = new MessageChannel();
  const waiting: (() => void)[] = [];
  channel.port1.addEventListener('message', () => waiting.shift()?.());
  channel.port1.start();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      channel.port2.postMessage(undefined);
    });
}
