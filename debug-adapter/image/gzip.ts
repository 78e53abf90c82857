/** Unpacks gzip (RFC 1952) with the platform's own inflate: browsers, workers and Node ≥ 18 have it. */
import { ImageError } from './image-error';

/** More than any kernel with its debug information has; what unpacks to more is damaged or a trap. */
const mostUnpacked = 2 ** 30;
/** Deflate cannot expand by more than 1032:1 (zlib, "Maximum Compression Factor"). */
const mostExpansion = 1032;
/** ID1, ID2, and the only compression method there is. */
const magic = [0x1f, 0x8b, 8];
/** A header and a trailer, without anything between them. */
const leastSize = 18;
/** Bytes given to the platform at once, so that others get their turns in between. */
const portion = 1 << 20;

export function isGzip(bytes: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

/**
 * The bytes of a file of one gzip member, its checksum compared.
 * @param signal ends the work early; the promise then rejects with its reason
 * @throws ImageError if the file is damaged or unpacks to more than `limit` bytes
 */
export async function gunzip(
  bytes: Uint8Array,
  {
    limit = mostUnpacked,
    signal,
  }: { readonly limit?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<Uint8Array> {
  if (bytes.length < leastSize) throw cutShort();
  // ISIZE, the size modulo 2^32. It saves collecting pieces; the platform checks it at the end.
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
  if (size > bytes.length * mostExpansion) throw damaged();
  if (size > limit) {
    throw new ImageError(
      `The file unpacks to ${size} bytes, more than the ${limit} that a kernel is allowed: is it a kernel?`,
    );
  }
  const unpacked = new Uint8Array(size);
  let filled = 0;
  try {
    const stream = portions(bytes).pipeThrough(new DecompressionStream('gzip'), signal && { signal });
    for await (const piece of stream as ReadableStream<Uint8Array>) {
      if (filled + piece.length > size) throw damaged();
      unpacked.set(piece, filled);
      filled += piece.length;
    }
  } catch {
    signal?.throwIfAborted();
    throw damaged();
  }
  if (filled !== size) throw damaged();
  return unpacked;
}

function portions(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.subarray(at, (at += portion)));
    },
  });
}

const cutShort = () =>
  new ImageError('The file ends inside its gzip header: it is incomplete. Build or copy it again.');

const damaged = () =>
  new ImageError(
    'The file is compressed with gzip and damaged or incomplete ("gzip --test" says more): build or copy it again.',
  );
