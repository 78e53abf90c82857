/** The disks of a launch. */
import type { BlockStore, TargetConfig } from '../target/create-target';
import type { DiskOption, LaunchOptions } from './api';
import { emptyDisk, notRaw } from './errors';
import type { LaunchFiles } from './launch-files';

/** Formats that other machines take and ours does not; each begins with its magic. */
const formats = [
  { name: 'qcow2', magic: [0x51, 0x46, 0x49, 0xfb] },
  { name: 'vmdk', magic: [0x4b, 0x44, 0x4d, 0x56] },
  { name: 'vhdx', magic: [0x76, 0x68, 0x64, 0x78] },
] as const;

/** Rejects with `UserError` for images that cannot be read, or not be written where that is asked for. */
export async function openDisks(
  { disk = [] }: LaunchOptions,
  files: LaunchFiles,
): Promise<Pick<TargetConfig, 'disks'>> {
  const disks: { store: BlockStore; write: boolean }[] = [];
  for (const option of [disk].flat()) {
    const { file, write = false } = asObject(option);
    const { path, store } = await files.openDisk(file, write);
    if (store.size === 0) throw emptyDisk(path);
    const format = formatOf(store);
    if (format !== undefined) throw notRaw(path, format);
    disks.push({ store, write });
  }
  return { disks };
}

const asObject = (option: string | DiskOption): DiskOption =>
  typeof option === 'string' ? { file: option } : option;

function formatOf(store: BlockStore): string | undefined {
  const start = new Uint8Array(Math.min(4, store.size));
  if (!store.read(0, start)) return undefined;
  return formats.find(({ magic }) => magic.every((byte, index) => start[index] === byte))?.name;
}
