/** Where a reader takes the bytes of a file from: those that it needs, when it needs them. */
export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /**
   * The bytes from an offset on, which must not be changed; fewer, or none, where the source ends or cannot be read. Never
   * throws.
   */
  read(offset: number, length: number): Uint8Array;
}

/** Bytes that are in memory already. They are not copied. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}
