import { MemoryMap, PLIC_SOURCES, RTC_SOURCE, UART_SOURCE, VIRTIO_SLOTS, VIRTIO_SOURCE } from '../memory-map';
import { cells, cells64, present, strings, type FdtNode } from './fdt';

/** Clock of the UART that QEMU reports; nobody is held to the baud rate. */
const UART_CLOCK_HZ = 3_686_400;

/** Local interrupt numbers in `interrupts-extended` (priv 1.13 table 14). */
const Local = { machineSoftware: 3, machineTimer: 7, supervisorExternal: 9, machineExternal: 11 } as const;

/** What the nodes of the devices refer to. */
interface SocPhandles {
  readonly plic: number;
  readonly test: number;
  interruptController(hart: number): number;
}

/** The devices: names and bindings as QEMU's `virt` machine has them. */
export function soc(harts: number, handles: SocPhandles): FdtNode {
  const wires = (...interrupts: readonly number[]) =>
    cells(
      ...Array.from({ length: harts }, (_, hart) =>
        interrupts.flatMap((interrupt) => [handles.interruptController(hart), interrupt]),
      ).flat(),
    );
  const { testDevice, clint, plic, uart, rtc } = MemoryMap;
  return {
    name: 'soc',
    properties: {
      '#address-cells': cells(2),
      '#size-cells': cells(2),
      compatible: strings('simple-bus'),
      ranges: present,
    },
    children: [
      {
        name: `rtc@${hex(rtc.base)}`,
        properties: {
          compatible: strings('google,goldfish-rtc'),
          reg: cells64(rtc.base, rtc.size),
          interrupts: cells(RTC_SOURCE),
          'interrupt-parent': cells(handles.plic),
        },
      },
      {
        name: `serial@${hex(uart.base)}`,
        properties: {
          compatible: strings('ns16550a'),
          reg: cells64(uart.base, uart.size),
          interrupts: cells(UART_SOURCE),
          'interrupt-parent': cells(handles.plic),
          'clock-frequency': cells(UART_CLOCK_HZ),
        },
      },
      {
        name: `test@${hex(testDevice.base)}`,
        properties: {
          compatible: strings('sifive,test1', 'sifive,test0', 'syscon'),
          reg: cells64(testDevice.base, testDevice.size),
          phandle: cells(handles.test),
        },
      },
      ...Array.from({ length: VIRTIO_SLOTS }, (_, slot) => virtioSlot(slot, handles)),
      {
        name: `plic@${hex(plic.base)}`,
        properties: {
          compatible: strings('sifive,plic-1.0.0', 'riscv,plic0'),
          reg: cells64(plic.base, plic.size),
          phandle: cells(handles.plic),
          '#address-cells': cells(0),
          '#interrupt-cells': cells(1),
          'interrupt-controller': present,
          'interrupts-extended': wires(Local.machineExternal, Local.supervisorExternal),
          'riscv,ndev': cells(PLIC_SOURCES),
        },
      },
      {
        name: `clint@${hex(clint.base)}`,
        properties: {
          compatible: strings('sifive,clint0', 'riscv,clint0'),
          reg: cells64(clint.base, clint.size),
          'interrupts-extended': wires(Local.machineSoftware, Local.machineTimer),
        },
      },
    ],
  };
}

function virtioSlot(slot: number, { plic }: SocPhandles): FdtNode {
  const { base, size } = MemoryMap.virtio;
  const address = base + slot * size;
  return {
    name: `virtio_mmio@${hex(address)}`,
    properties: {
      compatible: strings('virtio,mmio'),
      reg: cells64(address, size),
      interrupts: cells(VIRTIO_SOURCE + slot),
      'interrupt-parent': cells(plic),
    },
  };
}

const hex = (value: number): string => value.toString(16);
