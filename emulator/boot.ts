import { MachineConfigError, Privilege, type Segment } from './api';
import type { CheckedConfig } from './config';
import { RAM_BASE } from './core/guest-memory';
import { buildDeviceTree } from './firmware/device-tree';

/** Where things are in RAM before the first instruction, and how the harts start. */
export interface BootPlan {
  readonly segments: readonly Segment[];
  readonly deviceTree: Uint8Array;
  readonly deviceTreeAddress: number;
  readonly entry: number;
  readonly privilege: Privilege;
  /** With the built-in firmware the others wait to be started through HSM. */
  readonly start: 'boot hart' | 'all harts';
  /** For firmware that wants to be told where the next stage is; in the boot ROM. */
  readonly dynamicInfo: Uint8Array | undefined;
}

/** Offset in the boot ROM at which QEMU's reset vector has `fw_dynamic_info`: after ten words of code and data. */
export const DYNAMIC_INFO_OFFSET = 0x28;

const PAGE = 4096;
/** Room behind the device tree for firmware that adds to it in place, as OpenSBI does. */
const DEVICE_TREE_SLACK = 0x1_0000;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** @throws MachineConfigError if the parts do not fit into RAM together */
export function planBoot(config: CheckedConfig): BootPlan {
  const { image, firmware, harts, memory, extensions, initrd, append, kaslrSeed } = config;
  const segments = [...image.segments, ...(typeof firmware === 'object' ? firmware.segments : [])];
  const occupied: Range[] = segments.map(({ address, memorySize }) => ({
    start: address,
    end: address + memorySize,
  }));
  const place = (what: string, size: number): Range => {
    const range = placeHigh(occupied, memory, size);
    if (range === undefined) {
      throw new MachineConfigError(
        `The ${what} (${size} bytes) does not fit into ${memory / 1024 / 1024} MiB of RAM beside the image; ` +
          'give the machine more memory.',
      );
    }
    occupied.push(range);
    return range;
  };

  const buildTree = (initrdRange: Range | undefined) =>
    config.dtb ?? buildDeviceTree({ harts, memory, extensions, append, kaslrSeed, initrd: initrdRange });
  // The addresses that go into the tree do not change its size.
  const treeSize = buildTree(initrd && { start: 0, end: 0 }).length;
  const treeRange = place('device tree', treeSize + DEVICE_TREE_SLACK);
  const initrdRange = initrd && place('initial RAM disk', initrd.length);
  const deviceTree = buildTree(initrdRange);

  segments.push({ address: treeRange.start, data: deviceTree, memorySize: deviceTree.length });
  if (initrd && initrdRange) {
    segments.push({ address: initrdRange.start, data: initrd, memorySize: initrd.length });
  }
  return {
    segments,
    deviceTree,
    deviceTreeAddress: treeRange.start,
    entry: typeof firmware === 'object' ? firmware.entry : image.entry,
    privilege: firmware === 'builtin' ? Privilege.supervisor : Privilege.machine,
    start: firmware === 'builtin' ? 'boot hart' : 'all harts',
    dynamicInfo: typeof firmware === 'object' ? dynamicInfo(image.entry) : undefined,
  };
}

/** The highest free range that starts on a page. */
function placeHigh(occupied: readonly Range[], memory: number, size: number): Range | undefined {
  let end = RAM_BASE + memory;
  for (;;) {
    const start = Math.floor((end - size) / PAGE) * PAGE;
    if (start < RAM_BASE) return undefined;
    const blocking = occupied.filter((range) => range.start < start + size && start < range.end);
    if (blocking.length === 0) return { start, end: start + size };
    end = Math.min(...blocking.map((range) => range.start));
  }
}

/** `struct fw_dynamic_info` of OpenSBI (fw_dynamic.h, version 2): the next stage runs in S-mode on any boot hart. */
function dynamicInfo(nextAddress: number): Uint8Array {
  const magic = 0x4942_534f;
  const version = 2;
  const options = 0;
  const anyBootHart = (1n << 64n) - 1n;
  const fields = [magic, version, nextAddress, Privilege.supervisor, options, anyBootHart].map(BigInt);
  return new Uint8Array(BigUint64Array.from(fields).buffer);
}
