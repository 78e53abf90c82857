/** Reads a pipe to its end. One that nobody writes to must not hold the process: it is waited for, not blocked on. */
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/** More than any kernel has. */
const mostBytes = 2 ** 31;

/** Rejects when it cannot be read, has more than 2 GiB, or `signal` is aborted. */
export async function readPipe(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const pipe = new Socket({ fd, readable: true, writable: false, ...(signal && { signal }) });
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of pipe as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > mostBytes) throw new Error('The pipe does not end.');
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}
