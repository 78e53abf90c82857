/** The guest's console on a terminal or in a pipe, with QEMU's escape: Ctrl-A x ends the machine. */
import type { ReadStream } from 'node:tty';

const escape = 0x01;
const help = '\r\nCtrl-A x  end the machine\r\nCtrl-A a  send Ctrl-A\r\nCtrl-A h  this help\r\n';

export interface GuestConsole {
  /** True once no more input can come. */
  readonly ended: boolean;
  /** Gives the terminal back. */
  close(): void;
}

interface ConsoleHandlers {
  readonly input: (bytes: Uint8Array) => void;
  readonly message: (text: string) => void;
  readonly quit: () => void;
  /** No more input can come. */
  readonly end: () => void;
}

/** Reads `stdin`: raw and with escapes if it is a terminal, as it is if not. */
export function openConsole(
  stdin: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>,
  handlers: ConsoleHandlers,
): GuestConsole {
  const terminal = stdin.isTTY === true;
  let ended = false;
  if (terminal) stdin.setRawMode?.(true);
  const escapes = new EscapeFilter(handlers);
  const onData = (data: Uint8Array): void => handlers.input(terminal ? escapes.filter(data) : data);
  const onEnd = (): void => {
    ended = true;
    handlers.end();
  };
  stdin.on('data', onData);
  stdin.on('end', onEnd);
  return {
    get ended() {
      return ended;
    },
    close() {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      if (terminal) stdin.setRawMode?.(false);
      stdin.pause();
    },
  };
}

/** Takes escapes out of what is typed; one may be cut in two by the end of a chunk. */
class EscapeFilter {
  readonly #handlers: Pick<ConsoleHandlers, 'message' | 'quit'>;
  #escaped = false;

  constructor(handlers: Pick<ConsoleHandlers, 'message' | 'quit'>) {
    this.#handlers = handlers;
  }

  filter(typed: Uint8Array): Uint8Array {
    return Uint8Array.from([...typed].flatMap((byte) => this.#accept(byte)));
  }

  #accept(byte: number): number[] {
    if (!this.#escaped) {
      this.#escaped = byte === escape;
      return this.#escaped ? [] : [byte];
    }
    this.#escaped = false;
    switch (String.fromCharCode(byte)) {
      case 'x':
        this.#handlers.quit();
        return [];
      case 'h':
        this.#handlers.message(help);
        return [];
      case 'a':
      case '\u0001':
        return [escape];
      default:
        return [];
    }
  }
}
