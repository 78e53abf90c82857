/** A file of this machine of which only parts are needed, such as a disk image: read and written where it is asked for, never as a whole. */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { HostFile } from '../debugger/api';

/** Whoever has a machine lets go of it without a word; its files are closed when nothing knows them any more. */
const forgotten = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor));

/** `undefined` for a file that cannot be opened, or not for writing if that is asked for. */
export function openFile(path: string, write: boolean): HostFile | undefined {
  try {
    const descriptor = openSync(path, write ? 'r+' : 'r');
    const store = write ? writable(descriptor) : readable(descriptor);
    forgotten.register(store, descriptor);
    return store;
  } catch {
    return undefined;
  }
}

function readable(descriptor: number): HostFile {
  const { size, mtimeMs } = fstatSync(descriptor);
  return {
    size,
    isAsOpened: () => {
      const now = fstatSync(descriptor);
      return now.size === size && now.mtimeMs === mtimeMs;
    },
    read: (offset, target) =>
      everything(target.length, (done, left) => readSync(descriptor, target, done, left, offset + done)),
  };
}

function writable(descriptor: number): HostFile {
  return {
    ...readable(descriptor),
    write: (offset, data) =>
      everything(data.length, (done, left) => writeSync(descriptor, data, done, left, offset + done)),
    flush: () => works(() => fsyncSync(descriptor)),
  };
}

/** Moves `length` bytes, however few at a time; false at the end of the file and for errors. */
function everything(length: number, move: (done: number, left: number) => number): boolean {
  return works(() => {
    for (let done = 0; done < length;) {
      const moved = move(done, length - done);
      if (moved === 0) throw new Error('The file ends.');
      done += moved;
    }
  });
}

function works(operation: () => void): boolean {
  try {
    operation();
    return true;
  } catch {
    return false;
  }
}
