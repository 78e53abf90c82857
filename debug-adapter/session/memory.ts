/** `readMemory` and `writeMemory`: in the address space of the hart that stopped last, or physical (`phys:0x80000000`). */
import {
  placeAt,
  placeText,
  readPlace,
  splitPlace,
  writePlace,
  type MemoryPlace,
} from '../debugger/memory-place';
import type { CodeMemory } from '../debugger/disassembly';
import type { Target, TargetHart } from '../target/target';
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
      const place = parsePlace(args.memoryReference, args.offset);
      const count = clamp(args.count, maxReadBytes);
      const data = readPlace(place, count, hart, state.debuggee.target);
      state.memoryViews.seen(args.memoryReference, args.offset ?? 0, count);
      return {
        address: hex(place.address),
        ...(data.length > 0 && { data: encodeBase64(data) }),
        ...(data.length < count && { unreadableBytes: count - data.length }),
      };
    },

    writeMemory(args) {
      const hart = state.focusedHart;
      const { target } = state.debuggee;
      const place = parsePlace(args.memoryReference, args.offset);
      const data = decodeBase64(args.data);
      if (!data) throw badMemoryData();
      const refusal = (writable: number) => notWritableMemory(placeText(placeAt(place, BigInt(writable))));
      // Nothing may be written unless all of it can be; only RAM is both readable and writable.
      const partial = args.allowPartial === true;
      const writable = partial ? data.length : readPlace(place, data.length, hart, target).length;
      if (writable < data.length) throw refusal(writable);
      const bytesWritten = writePlace(place, data, hart, target);
      if (bytesWritten > 0) announceChange(state, events, 'all');
      if (bytesWritten < data.length) {
        if (!partial) throw refusal(bytesWritten);
        // VS Code allows this for every edit, and says nothing when bytes are left.
        const output = `${refusal(bytesWritten).message}\n`;
        events.afterResponse(() => events.event('output', { category: 'important', output }));
      }
      return { bytesWritten, offset: 0 };
    },
  };
}

/** Throws unless it is an address in hexadecimal or decimal, `phys:` before it or not. Wraps at 2^64 as addresses do. */
export function parsePlace(reference: unknown, offset?: unknown): MemoryPlace {
  if (typeof reference !== 'string') throw badMemoryReference(reference);
  const { space, rest } = splitPlace(reference);
  return { space, address: parseAddress(rest, offset, reference) };
}

/** The same for what can only be an address as harts use it. */
export function parseMemoryReference(reference: unknown, offset?: unknown): bigint {
  return parseAddress(reference, offset, reference);
}

function parseAddress(text: unknown, offset: unknown = 0, reference: unknown): bigint {
  const isNumber = typeof text === 'string' && /^\s*(0x[\da-f]{1,16}|\d{1,20})\s*$/i.test(text);
  if (!isNumber || typeof offset !== 'number' || !Number.isSafeInteger(offset)) {
    throw badMemoryReference(reference);
  }
  return BigInt.asUintN(64, BigInt(text) + BigInt(offset));
}

/** The memory in which a place lies, as code is read from it. Physical memory is looked at as if its hart had no MMU. */
export function spaceOf(
  place: MemoryPlace,
  hart: TargetHart,
  target: Pick<Target, 'readPhysical'>,
): CodeMemory {
  if (place.space === 'virtual') return hart;
  return {
    bare: true,
    readMemory: (address, length) => readPlace({ space: 'physical', address }, length, hart, target),
  };
}

/** What a client counts, as a whole number from 0 to `most`. */
export function clamp(count: unknown, most: number): number {
  return typeof count === 'number' && count > 0 ? Math.min(Math.trunc(count), most) : 0;
}
