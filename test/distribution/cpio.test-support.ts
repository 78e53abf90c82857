/** An archive in cpio's `newc` format, as the kernel unpacks it (Linux Documentation/driver-api/early-userspace/buffer-format.rst). */
export interface CpioEntry {
  readonly name: string;
  /** File type and permissions, as in `st_mode`. */
  readonly mode: number;
  /** Contents of a file, target of a symbolic link. */
  readonly data?: Uint8Array | string;
  /** Major and minor number of a device. */
  readonly device?: readonly [number, number];
}

const TRAILER: CpioEntry = { name: 'TRAILER!!!', mode: 0 };

export function cpio(entries: readonly CpioEntry[]): Uint8Array {
  return Buffer.concat([...entries, TRAILER].flatMap(serialise));
}

function serialise({ name, mode, data = '', device = [0, 0] }: CpioEntry, inode: number): Buffer[] {
  const contents = Buffer.from(data as string);
  // Inode, mode, uid, gid, links, mtime, size, device major and minor, rdev major and minor, name size, checksum.
  const fields = [inode, mode, 0, 0, 1, 0, contents.length, 0, 0, ...device, name.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  return [padded(Buffer.from(header)), padded(contents)];
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
