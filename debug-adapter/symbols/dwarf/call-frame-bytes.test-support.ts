/** Call frame entries written by hand. */
import type { FrameSection } from './call-frame-entries';
import { DwarfCallFrames } from './call-frame-table';

export const textStart = 0xffff_ffff_8000_0000n;
export const textEnd = textStart + 0x1000n;

export const u16 = (value: number) => [value & 0xff, (value >>> 8) & 0xff];
export const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];
export const u64 = (value: bigint) => [
  ...u32(Number(value & 0xffff_ffffn)),
  ...u32(Number((value >> 32n) & 0xffff_ffffn)),
];
/** A NUL-terminated string. */
export const cstring = (text: string) => [...new TextEncoder().encode(text), 0];

/** An entry with its length, as 32-bit or 64-bit DWARF. */
export function entry(body: readonly number[], wide = false): number[] {
  return wide ? [...u32(0xffff_ffff), ...u64(BigInt(body.length)), ...body] : [...u32(body.length), ...body];
}

/** Version 3, no augmentation, factors 1 and -4, ra; `def_cfa sp 0`, then `more`. */
export function plainCommon(...more: number[]): number[] {
  return entry([...u32(0xffff_ffff), 3, 0, 1, 0x7c, 1, 0x0c, 2, 0, ...more]);
}

/** An FDE of the CIE at the start of `.debug_frame`, for 0x100 bytes of text. */
export function plainDescription(...instructions: number[]): number[] {
  return entry([...u32(0), ...u64(textStart), ...u64(0x100n), ...instructions]);
}

export function debugFrame(...bytes: number[]): FrameSection {
  return { name: '.debug_frame', bytes: Uint8Array.from(bytes), address: 0n, isExceptionHandling: false };
}

/** Linked behind the text. */
export function ehFrame(...bytes: number[]): FrameSection {
  return { name: '.eh_frame', bytes: Uint8Array.from(bytes), address: textEnd, isExceptionHandling: true };
}

export function tableOf(...sections: FrameSection[]): { table: DwarfCallFrames; warnings: string[] } {
  const warnings: string[] = [];
  const text = [{ start: textStart, end: textEnd }];
  return { table: new DwarfCallFrames(() => sections, text, warnings), warnings };
}
