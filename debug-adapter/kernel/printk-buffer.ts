/**
 * The log of Linux 5.4 to 5.9: messages with their lengths one behind the other in a buffer, at whose end a length of 0 sends the
 * reader back to its start (kernel/printk/printk.c of Linux 5.4).
 */
import type { Program, StructLayout } from '../symbols/api';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';
import { callerOf, messageText, type LogReader, type LogRecord } from './log-record';
import { StructView } from './struct-view';

/** No buffer that is in use is so large; a damaged one must not keep us. */
const largestBuffer = 1 << 27;

export class PrintkBuffer implements LogReader {
  readonly #program: Program;
  readonly #image: KernelImage;

  constructor(program: Program, image: KernelImage) {
    this.#program = program;
    this.#image = image;
  }

  read(memory: KernelMemory, most: number): readonly LogRecord[] | undefined {
    const header = this.#program.types.struct('printk_log');
    const buffer = this.#u64('log_buf', memory);
    const [length, first, next] = ['log_buf_len', 'log_first_idx', 'log_next_idx'].map((name) =>
      this.#u32(name, memory),
    );
    if (!header || buffer === undefined || length === undefined) return undefined;
    if (first === undefined || next === undefined || length > largestBuffer) return undefined;
    const oldest = this.#u64('log_first_seq', memory) ?? 0n;
    const records: LogRecord[] = [];
    // Each turn takes away what it passes: a damaged buffer is gone through once.
    for (let at = first, left = length; at !== next && left > 0;) {
      const message =
        at + header.size <= length ? readMessage(buffer + BigInt(at), header, memory) : undefined;
      if (!message) {
        // What does not fit before the end is at the start. Nothing is found there twice.
        if (at === 0) break;
        left -= length - at;
        at = 0;
        continue;
      }
      if (message.size < header.size || message.size > length - at) break;
      records.push({ sequence: oldest + BigInt(records.length), ...message.record });
      at += message.size;
      left -= message.size;
    }
    return records.slice(Math.max(0, records.length - most));
  }

  #u64(name: string, memory: KernelMemory): bigint | undefined {
    const address = this.#address(name);
    return address === undefined ? undefined : memory.u64(address);
  }

  #u32(name: string, memory: KernelMemory): number | undefined {
    const address = this.#address(name);
    return address === undefined ? undefined : memory.u32(address);
  }

  #address(name: string): bigint | undefined {
    const symbol = this.#program.symbols.named(name)[0];
    return symbol && this.#image.linkToRunning(symbol.address);
  }
}

interface Message {
  /** From this message to the next one. */
  readonly size: number;
  readonly record: Omit<LogRecord, 'sequence'>;
}

/** `undefined` for what cannot be read, and for the length of 0 that stands behind the last message before the buffer's end. */
function readMessage(address: bigint, header: StructLayout, memory: KernelMemory): Message | undefined {
  const view = StructView.read(address, header.size, memory);
  const field = (name: string) => view?.field(header.members.get(name));
  const size = field('len');
  if (!view || size === undefined || size === 0) return undefined;
  const length = Math.max(0, Math.min(field('text_len') ?? 0, size - header.size));
  const text = memory.bytes(address + BigInt(header.size), length);
  return {
    size,
    record: {
      nanoseconds: view.u64(header.members.get('ts_nsec')?.offset) ?? 0n,
      level: field('level') ?? 0,
      facility: field('facility') ?? 0,
      caller: callerOf(field('caller_id')),
      text: messageText(text ?? new Uint8Array()),
    },
  };
}
