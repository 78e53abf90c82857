/** `readMemory` and `writeMemory`, in the address space of the hart that stopped last. */
import { hex } from '../unwind/hex';
import { decodeBase64, encodeBase64 } from './base64';
import { announceChange } from './edits';
import { badMemoryData, badMemoryReference, notWritableMemory } from './errors';
import type { EventSink } from './protocol/dispatcher';
import type { Handlers } from './protocol/requests';
import type { SessionState } from './state';

/** Most that one request reads, whatever it asks for. The client asks again for the rest. */
const maxReadBytes = 1 << 20;

export function memoryHandlers(
  state: SessionState,
  events: EventSink,
): Handlers<'readMemory' | 'writeMemory'> {
  return {
    readMemory(args) {
      const hart = state.focusedHart;
      const address = parseMemoryReference(args.memoryReference, args.offset);
      const count = clamp(args.count, maxReadBytes);
      const data = hart.readMemory(address, count);
      return {
        address: hex(address),
        ...(data.length > 0 && { data: encodeBase64(data) }),
        ...(data.length < count && { unreadableBytes: count - data.length }),
      };
    },

    writeMemory(args) {
      const hart = state.focusedHart;
      const address = parseMemoryReference(args.memoryReference, args.offset);
      const data = decodeBase64(args.data);
      if (!data) throw badMemoryData();
      // Nothing may be written unless all of it can be; only RAM is both readable and writable.
      const writable =
        args.allowPartial === true ? data.length : hart.readMemory(address, data.length).length;
      if (writable < data.length) throw notWritableMemory(hex(address + BigInt(writable)));
      const bytesWritten = hart.writeMemory(address, data);
      if (bytesWritten < data.length && args.allowPartial !== true) {
        throw notWritableMemory(hex(address + BigInt(bytesWritten)));
      }
      if (bytesWritten > 0) announceChange(state, events, 'all');
      return { bytesWritten, offset: 0 };
    },
  };
}

/** Throws unless it is an address in hexadecimal or decimal. Wraps at 2^64 as addresses do. */
export function parseMemoryReference(reference: unknown, offset: unknown = 0): bigint {
  const isNumber = typeof reference === 'string' && /^\s*(0x[\da-f]{1,16}|\d{1,20})\s*$/i.test(reference);
  if (!isNumber || typeof offset !== 'number' || !Number.isSafeInteger(offset)) {
    throw badMemoryReference(reference);
  }
  return BigInt.asUintN(64, BigInt(reference) + BigInt(offset));
}

/** What a client counts, as a whole number from 0 to `most`. */
export function clamp(count: unknown, most: number): number {
  return typeof count === 'number' && count > 0 ? Math.min(Math.trunc(count), most) : 0;
}
