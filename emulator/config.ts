import { MachineConfigError, type BootImage, type DiskConfig, type MachineConfig } from './api';
import { RAM_BASE } from './core/guest-memory';
import { fdtSize } from './firmware/fdt';
import { VIRTIO_SLOTS } from './memory-map';
import type { ExtensionSet } from './isa/extensions';
import { implementedExtensions, parseIsa } from './isa/extensions';

const MAX_HARTS = 8;
const PAGE = 4096;
const MIB = 1024 * 1024;
const DEFAULT_MEMORY = 128 * MIB;
const MIN_MEMORY = MIB;
const MAX_MEMORY = 2048 * MIB;
/** 2026-01-01T00:00:00Z: some fixed time, not long ago. */
const DEFAULT_EPOCH = Date.UTC(2026, 0);
/** The clock counts nanoseconds since 1970 in 64 bits, which last until 2554. */
const MAX_EPOCH = Date.UTC(2500, 0);
/** Slots of the board that nothing else is in. */
const MAX_DISKS = VIRTIO_SLOTS - 2;
/** Linux's COMMAND_LINE_SIZE on riscv is 1024; others take more. */
const MAX_APPEND = 4096;

/** A configuration with its defaults filled in, and known to be possible. */
export type CheckedConfig = Omit<MachineConfig, 'isa'> &
  Required<
    Pick<MachineConfig, 'harts' | 'memory' | 'firmware' | 'epoch' | 'seed' | 'translate' | 'recordCalls'>
  > & {
    readonly extensions: ExtensionSet;
  };

/** @throws MachineConfigError with a sentence for the user */
export function checkConfig(config: MachineConfig): CheckedConfig {
  const { isa, ...rest } = config;
  const { harts = 1, memory = DEFAULT_MEMORY, firmware = 'builtin', epoch = DEFAULT_EPOCH } = rest;
  const { seed = 0n, translate = true, recordCalls = false } = rest;
  if (!Number.isInteger(harts) || harts < 1 || harts > MAX_HARTS) {
    throw new MachineConfigError(`The machine can have 1 to ${MAX_HARTS} harts, not ${harts}.`);
  }
  if (!Number.isInteger(memory) || memory < MIN_MEMORY || memory > MAX_MEMORY || memory % PAGE !== 0) {
    throw new MachineConfigError(
      `Memory must be a multiple of 4096 bytes from 1M to 2048M; ${memory} bytes is not possible.`,
    );
  }
  checkImage('image', config.image, memory);
  if (typeof firmware === 'object') {
    checkImage('firmware', firmware, memory);
    checkDisjoint(config.image, firmware);
  }
  if (config.append !== undefined && new TextEncoder().encode(config.append).length > MAX_APPEND) {
    throw new MachineConfigError(`The kernel command line is longer than ${MAX_APPEND} bytes; shorten it.`);
  }
  if (config.append?.includes('\0')) {
    throw new MachineConfigError('The kernel command line contains a zero byte; remove it.');
  }
  if (config.dtb !== undefined && fdtSize(config.dtb) === undefined) {
    throw new MachineConfigError(
      'The device tree is not a complete flattened device tree; compile the source with `dtc -O dtb`.',
    );
  }
  for (const name of ['tohost', 'fromhost'] as const) {
    const address = config[name];
    if (address !== undefined && (address % 8 !== 0 || !inRam(address, 8, memory))) {
      throw new MachineConfigError(
        `${name} at ${hex(address)} is not an aligned word of RAM; ${ramRange(memory)}.`,
      );
    }
  }
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > MAX_EPOCH) {
    throw new MachineConfigError(
      `The real-time clock can begin at a time from 1970 to 2500, not at ${epoch} ms.`,
    );
  }
  checkDisks(config.disks ?? []);
  return { ...rest, harts, memory, firmware, epoch, seed, translate, recordCalls, extensions: checkIsa(isa) };
}

function checkDisks(disks: readonly DiskConfig[]): void {
  if (disks.length > MAX_DISKS) {
    throw new MachineConfigError(`The machine can have ${MAX_DISKS} disks at most, not ${disks.length}.`);
  }
  for (const { store, write = false } of disks) {
    if (!Number.isSafeInteger(store.size) || store.size < 1) {
      throw new MachineConfigError(
        'A disk is empty; give it a size, for example with `truncate -s 64M FILE`.',
      );
    }
    if (write && !store.write) {
      throw new MachineConfigError('A disk cannot be written; leave out that what the guest writes is kept.');
    }
  }
}

function checkIsa(isa: string | undefined): ExtensionSet {
  if (isa === undefined) return implementedExtensions;
  const result = parseIsa(isa);
  if ('problem' in result) throw new MachineConfigError(result.problem);
  return result.extensions;
}

function checkImage(what: 'image' | 'firmware', image: BootImage, memory: number): void {
  if (image.segments.every((segment) => segment.memorySize === 0)) {
    throw new MachineConfigError(`The ${what} has nothing to load; give an executable that is fully linked.`);
  }
  for (const { address, data, memorySize } of image.segments) {
    if (memorySize < data.length) {
      throw new MachineConfigError(
        `The ${what} has a segment at ${hex(address)} with more bytes in the file than in memory; it is damaged.`,
      );
    }
    if (memorySize > 0 && !inRam(address, memorySize, memory)) {
      throw new MachineConfigError(
        `The ${what} does not fit: ${hex(address)} to ${hex(address + memorySize)} is not all RAM; ` +
          `${ramRange(memory)}. Link it for that range or give the machine more memory.`,
      );
    }
  }
  if (image.entry % 2 !== 0 || !inRam(image.entry, 2, memory)) {
    throw new MachineConfigError(
      `The ${what}'s entry ${hex(image.entry)} is not in RAM; ${ramRange(memory)}. The entry must be a physical address.`,
    );
  }
}

function checkDisjoint(image: BootImage, firmware: BootImage): void {
  for (const a of image.segments) {
    for (const b of firmware.segments) {
      if (a.address < b.address + b.memorySize && b.address < a.address + a.memorySize) {
        throw new MachineConfigError(
          `The image and the firmware both want the memory at ${hex(Math.max(a.address, b.address))}; ` +
            'link the image higher, such as at 0x80200000.',
        );
      }
    }
  }
}

function inRam(address: number, length: number, memory: number): boolean {
  return Number.isSafeInteger(address) && address >= RAM_BASE && address + length <= RAM_BASE + memory;
}

function ramRange(memory: number): string {
  return `RAM is ${hex(RAM_BASE)} to ${hex(RAM_BASE + memory)}`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
