/** Symbols for an image that has none, from another file: a vmlinux for an `Image`, debug information for a stripped kernel. */
import type { ProgramSegment } from '../symbols/api';
import type { ElfFile } from '../symbols/elf/elf-file';
import { belongTogether } from './build-id';
import type { LoadedImage } from './placement';

interface SymbolFit {
  /** The segments of the symbols' file, placed where the image is, with the image's bytes. */
  readonly segments: readonly ProgramSegment[];
  /** False if the two are certainly of different builds; `undefined` if nothing tells. */
  readonly belongs: boolean | undefined;
}

/** Bytes of a segment that tell one build from another. */
const MOST_COMPARED = 1 << 16;

/** An image's first byte is that of the lowest segment of the file that it was made from (`objcopy -O binary`). */
export function fitSymbols(image: LoadedImage, symbols: ElfFile): SymbolFit {
  const from = lowest(symbols.segments.map(({ physicalAddress }) => physicalAddress));
  const to = lowest(image.segments.map(({ physicalAddress }) => physicalAddress));
  const segments = symbols.segments
    .map((segment) => ({ ...segment, physicalAddress: segment.physicalAddress - from + to }))
    .map((segment) => ({ ...segment, data: bytesAt(image, segment) ?? segment.data }))
    .toSorted((a, b) => (a.virtualAddress < b.virtualAddress ? -1 : 1));
  const belongs = belongTogether(symbols, segments) ?? haveSameCode(symbols.segments, segments);
  return { segments, belongs };
}

/** Compares the beginning of each segment with code: a build id may be missing, and nothing changes code behind the linker. */
function haveSameCode(
  symbols: readonly ProgramSegment[],
  image: readonly ProgramSegment[],
): boolean | undefined {
  const compared = symbols
    .filter(({ executable }) => executable)
    .flatMap(({ virtualAddress, data }) => {
      const home = image.find((segment) => segment.virtualAddress === virtualAddress);
      const length = Math.min(data.length, home?.data.length ?? 0, MOST_COMPARED);
      return length === 0
        ? []
        : [data.subarray(0, length).every((byte, index) => byte === home!.data[index])];
    });
  return compared.length === 0 ? undefined : compared.every(Boolean);
}

function lowest(addresses: readonly bigint[]): bigint {
  return addresses.reduce((low, address) => (address < low ? address : low));
}

/** What the image has where a segment goes. A file with debug information alone has no bytes for it. */
function bytesAt(
  image: LoadedImage,
  { physicalAddress, memorySize }: ProgramSegment,
): Uint8Array | undefined {
  const home = image.segments.find(
    ({ physicalAddress: start, memorySize: size }) =>
      physicalAddress >= start && physicalAddress < start + BigInt(size),
  );
  if (home === undefined) return undefined;
  const offset = Number(physicalAddress - home.physicalAddress);
  return home.data.subarray(offset, offset + memorySize);
}
