import type { BootImage, Segment } from './api';

const PT_LOAD = 1;

/** The loadable segments of an ELF64 file at their physical addresses, and its entry as a physical address. For trusted files. */
export function loadElf(file: Uint8Array): BootImage {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const long = (offset: number) => Number(view.getBigUint64(offset, true));
  const segments: Segment[] = [];
  const virtualEntry = view.getBigUint64(24, true);
  let entry: number | undefined;
  for (let index = 0; index < view.getUint16(56, true); index++) {
    const header = long(32) + index * view.getUint16(54, true);
    if (view.getUint32(header, true) !== PT_LOAD) continue;
    const [offset, address, fileSize, memorySize] = [8, 24, 32, 40].map((field) => long(header + field));
    const distance = virtualEntry - view.getBigUint64(header + 16, true);
    if (distance >= 0n && distance < BigInt(memorySize!)) entry = address! + Number(distance);
    const data = file.subarray(offset, offset! + fileSize!);
    segments.push({ address: address!, data, memorySize: memorySize! });
  }
  if (entry === undefined) throw new Error('the entry is in no segment');
  return { segments, entry };
}
