/** Frame records as they lie on a stack (R6, table "Data"). */
import type { ReadMemory } from './types';

/** `{ fp, ra }` right below s0 (psABI, "Frame Pointer Convention"). */
export const recordSize = 16;

/** `{ fp = 0, ra = 0, type }`: the record of `struct frame_record_meta`, whose type word is at s0 itself. */
export const metadataSize = 24;

/** `FRAME_META_TYPE_*` of the RISC-V frame record metadata series; 0 is reserved, all others are errors. */
export const metadataType = { final: 1n, ptRegs: 2n } as const;

export interface FrameRecord {
  readonly address: bigint;
  readonly fp: bigint;
  readonly ra: bigint;
}

/** Where s0 says that its frame's record is. Negative, and so in no stack, for an s0 below 16. */
export function recordAddress(fp: bigint): bigint {
  return fp - BigInt(recordSize);
}

export function readRecord(memory: ReadMemory, address: bigint): FrameRecord | undefined {
  const bytes = memory(address, recordSize);
  if (!bytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { address, fp: view.getBigUint64(0, true), ra: view.getBigUint64(8, true) };
}

/** R6. `{ x, 0 }` and `{ 0, x }` are ordinary records. */
export function isMetadata(record: FrameRecord): boolean {
  return record.fp === 0n && record.ra === 0n;
}

export function readMetadataType(memory: ReadMemory, record: FrameRecord): bigint | undefined {
  const bytes = memory(record.address + BigInt(recordSize), 8);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}
