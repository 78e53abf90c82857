import { RAM_BASE } from '../core/guest-memory';
import { CACHE_BLOCK } from '../isa/cache-block';
import type { ExtensionSet } from '../isa/extensions';
import { extensionNames, isaString } from '../isa/extensions';
import { MemoryMap, TIMEBASE_HZ } from '../memory-map';
import { cells, cells64, flatten, present, strings, type FdtNode } from './fdt';
import { soc } from './soc-nodes';

/** Page-table formats, the largest first; `mmu-type` says which, not the list of extensions. */
const PAGE_TABLES = ['sv57', 'sv48', 'sv39'] as const;

/** Values of the test device's register. */
const POWER_OFF = 0x5555;
const REBOOT = 0x7777;

interface DeviceTreeInput {
  readonly harts: number;
  /** Bytes of RAM. */
  readonly memory: number;
  readonly extensions: ExtensionSet;
  readonly append?: string | undefined;
  readonly kaslrSeed?: bigint | undefined;
  /** Physical addresses, `end` exclusive. */
  readonly initrd?: { readonly start: number; readonly end: number } | undefined;
}

/** The flattened tree of the board: node names and bindings as QEMU's `virt` machine has them, for the devices we have. */
export function buildDeviceTree(input: DeviceTreeInput): Uint8Array {
  const handles = new Phandles(input.harts);
  return flatten({
    name: '',
    properties: {
      '#address-cells': cells(2),
      '#size-cells': cells(2),
      compatible: strings('riscv-virtio'),
      model: strings('riscv-virtio,riscv-unwind'),
    },
    children: [
      chosen(input),
      {
        name: `memory@${hex(RAM_BASE)}`,
        properties: { device_type: strings('memory'), reg: cells64(RAM_BASE, input.memory) },
      },
      cpus(input, handles),
      soc(input.harts, handles),
      syscon('poweroff', POWER_OFF, handles),
      syscon('reboot', REBOOT, handles),
    ],
  });
}

class Phandles {
  readonly plic: number;
  readonly test: number;

  constructor(harts: number) {
    this.plic = 2 * harts + 1;
    this.test = 2 * harts + 2;
  }

  cpu(hart: number): number {
    return 2 * hart + 1;
  }

  interruptController(hart: number): number {
    return 2 * hart + 2;
  }
}

function chosen({ append, kaslrSeed, initrd }: DeviceTreeInput): FdtNode {
  return {
    name: 'chosen',
    properties: {
      'stdout-path': strings(`/soc/serial@${hex(MemoryMap.uart.base)}`),
      ...(append !== undefined && { bootargs: strings(append) }),
      ...(kaslrSeed !== undefined && {
        'kaslr-seed': cells(
          Number(BigInt.asUintN(32, kaslrSeed >> 32n)),
          Number(BigInt.asUintN(32, kaslrSeed)),
        ),
      }),
      ...(initrd && {
        'linux,initrd-start': cells64(initrd.start),
        'linux,initrd-end': cells64(initrd.end),
      }),
    },
  };
}

function cpus({ harts, extensions }: DeviceTreeInput, handles: Phandles): FdtNode {
  const ids = Array.from({ length: harts }, (_, hart) => hart);
  return {
    name: 'cpus',
    properties: {
      '#address-cells': cells(1),
      '#size-cells': cells(0),
      'timebase-frequency': cells(TIMEBASE_HZ),
    },
    children: [
      ...ids.map((hart) => cpu(hart, extensions, handles)),
      {
        name: 'cpu-map',
        properties: {},
        children: [
          {
            name: 'cluster0',
            properties: {},
            children: ids.map((hart) => ({
              name: `core${hart}`,
              properties: { cpu: cells(handles.cpu(hart)) },
            })),
          },
        ],
      },
    ],
  };
}

function cpu(hart: number, extensions: ExtensionSet, handles: Phandles): FdtNode {
  const pageTables = PAGE_TABLES.filter((name) => extensions.has(name));
  const listed = new Set([...extensions].filter((name) => !pageTables.some((one) => one === name)));
  return {
    name: `cpu@${hex(hart)}`,
    properties: {
      phandle: cells(handles.cpu(hart)),
      device_type: strings('cpu'),
      reg: cells(hart),
      status: strings('okay'),
      compatible: strings('riscv'),
      // The one string is for kernels before the list was defined (Linux 6.7).
      'riscv,isa': strings(isaString(listed)),
      'riscv,isa-base': strings('rv64i'),
      'riscv,isa-extensions': strings(...extensionNames(listed)),
      'mmu-type': strings(`riscv,${pageTables[0] ?? 'none'}`),
      ...(extensions.has('zicbom') && { 'riscv,cbom-block-size': cells(CACHE_BLOCK) }),
      ...(extensions.has('zicbop') && { 'riscv,cbop-block-size': cells(CACHE_BLOCK) }),
      ...(extensions.has('zicboz') && { 'riscv,cboz-block-size': cells(CACHE_BLOCK) }),
    },
    children: [
      {
        name: 'interrupt-controller',
        properties: {
          '#address-cells': cells(0),
          '#interrupt-cells': cells(1),
          'interrupt-controller': present,
          compatible: strings('riscv,cpu-intc'),
          phandle: cells(handles.interruptController(hart)),
        },
      },
    ],
  };
}

function syscon(what: 'poweroff' | 'reboot', value: number, handles: Phandles): FdtNode {
  return {
    name: what,
    properties: {
      compatible: strings(`syscon-${what}`),
      regmap: cells(handles.test),
      offset: cells(0),
      value: cells(value),
    },
  };
}

function hex(value: number): string {
  return value.toString(16);
}
