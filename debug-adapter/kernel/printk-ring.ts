/**
 * The log of Linux 5.10 and newer: a ring of descriptors with as many infos, and a ring of text. A message is readable once its
 * descriptor says that it is committed or final, and its text is that of a block with the descriptor's own id
 * (kernel/printk/printk_ringbuffer.c; Linux's scripts/gdb/linux/dmesg.py reads it so, too).
 */
import type { Program, StructLayout } from '../symbols/api';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';
import { callerOf, messageText, type LogReader, type LogRecord } from './log-record';
import { StructView } from './struct-view';

/** The upper two bits of a state variable, `enum desc_state`; the others are the descriptor's id. */
const stateShift = 62n;
const idMask = (1n << stateShift) - 1n;
const committed = 1n;
const finalized = 2n;

/** Log buffers have at most 2^31 bytes, and far smaller ones are in use; a damaged one must not keep us. */
const mostCountBits = 20;
const mostSizeBits = 31;
const blockId = 8;
const longestMessage = 65536;

interface Layout {
  readonly ring: StructLayout;
  readonly descriptor: StructLayout;
  readonly info: StructLayout;
}

/** A ring buffer as its `struct printk_ringbuffer` says that it is. */
interface Ring {
  readonly countBits: number;
  readonly descriptors: bigint;
  readonly infos: bigint;
  readonly head: bigint;
  readonly tail: bigint;
  readonly sizeBits: number;
  readonly data: bigint;
}

export class PrintkRing implements LogReader {
  readonly #program: Program;
  readonly #image: KernelImage;
  #layout: Layout | undefined;

  constructor(program: Program, image: KernelImage) {
    this.#program = program;
    this.#image = image;
  }

  read(memory: KernelMemory, most: number): readonly LogRecord[] | undefined {
    const pointer = this.#program.symbols.named('prb')[0];
    if (!pointer) return undefined;
    const layout = (this.#layout ??= layoutOf(this.#program));
    // The kernel begins with one ring in its image, and changes to a larger one when it knows how much memory there is.
    const address = memory.u64(this.#image.linkToRunning(pointer.address));
    const ring = layout && address !== undefined ? readRing(address, layout, memory) : undefined;
    if (!layout || !ring) return undefined;
    const records: LogRecord[] = [];
    const count = BigInt(1 << ring.countBits);
    // Ids go round in 62 bits, and nothing older than a whole ring is there.
    for (let n = 0n; n < count && records.length < most; n++) {
      const id = (ring.head - n) & idMask;
      const record = readRecord(id, ring, layout, memory);
      if (record) records.push(record);
      if (id === ring.tail) break;
    }
    return records.reverse();
  }
}

function layoutOf({ types }: Program): Layout | undefined {
  const [ring, descriptor, info] = ['printk_ringbuffer', 'prb_desc', 'printk_info'].map((name) =>
    types.struct(name),
  );
  return ring && descriptor && info ? { ring, descriptor, info } : undefined;
}

function readRing(address: bigint, { ring }: Layout, memory: KernelMemory): Ring | undefined {
  const view = StructView.read(address, Math.min(ring.size, 4096), memory);
  if (!view) return undefined;
  const offset = (name: string) => ring.members.get(name)?.offset;
  const countBits = view.u32(offset('desc_ring.count_bits'));
  const descriptors = view.u64(offset('desc_ring.descs'));
  const infos = view.u64(offset('desc_ring.infos'));
  const head = view.u64(offset('desc_ring.head_id'));
  const tail = view.u64(offset('desc_ring.tail_id'));
  const sizeBits = view.u32(offset('text_data_ring.size_bits'));
  const data = view.u64(offset('text_data_ring.data'));
  if (countBits === undefined || countBits > mostCountBits || sizeBits === undefined) return undefined;
  if (sizeBits > mostSizeBits || descriptors === undefined || infos === undefined) return undefined;
  if (head === undefined || tail === undefined || data === undefined) return undefined;
  return { countBits, descriptors, infos, head: head & idMask, tail: tail & idMask, sizeBits, data };
}

/** The message of a descriptor; `undefined` while it is being written, and where its text is gone. */
function readRecord(id: bigint, ring: Ring, layout: Layout, memory: KernelMemory): LogRecord | undefined {
  const index = id & (BigInt(1 << ring.countBits) - 1n);
  const { descriptor, info } = layout;
  const slot = StructView.read(ring.descriptors + index * BigInt(descriptor.size), descriptor.size, memory);
  const facts = StructView.read(ring.infos + index * BigInt(info.size), info.size, memory);
  const place = (name: string) => slot?.u64(descriptor.members.get(name)?.offset);
  const field = (name: string) => facts?.field(info.members.get(name));
  const state = place('state_var');
  if (state === undefined || (state & idMask) !== id) return undefined;
  if (state >> stateShift !== committed && state >> stateShift !== finalized) return undefined;
  const block = { begin: place('text_blk_lpos.begin'), next: place('text_blk_lpos.next') };
  const text = textOf(id, block, field('text_len') ?? 0, ring, memory);
  const sequence = facts?.u64(info.members.get('seq')?.offset);
  const nanoseconds = facts?.u64(info.members.get('ts_nsec')?.offset);
  if (text === undefined || sequence === undefined || nanoseconds === undefined) return undefined;
  return {
    sequence,
    nanoseconds,
    level: field('level') ?? 0,
    facility: field('facility') ?? 0,
    caller: callerOf(field('caller_id')),
    text: messageText(text),
  };
}

/** The text of a block, which never wraps: one that does not fit at the ring's end is at its start. */
function textOf(
  id: bigint,
  { begin, next }: { readonly begin: bigint | undefined; readonly next: bigint | undefined },
  length: number,
  { sizeBits, data }: Ring,
  memory: KernelMemory,
): Uint8Array | undefined {
  if (begin === undefined || next === undefined) return undefined;
  const size = 1n << BigInt(sizeBits);
  // An odd position stands for no block: EMPTY_LINE_LPOS is an empty line, FAILED_LPOS a message without text.
  if ((begin & 1n) === 1n) return begin === 3n && next === 3n ? new Uint8Array() : undefined;
  if (next <= begin) return undefined;
  const wraps = begin / size !== (next - 1n) / size;
  const start = wraps ? 0n : begin % size;
  const room = Number(wraps ? next % size : next - begin) - blockId;
  if (room < 0 || memory.u64(data + start) !== id) return undefined;
  return memory.bytes(data + start + BigInt(blockId), Math.min(length, room, longestMessage));
}
