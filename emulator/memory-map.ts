/**
 * Where things are on the board: the map of QEMU's `virt` machine (QEMU 7.2, hw/riscv/virt.c), so that the same images
 * run on both. The device tree says the same to the guest.
 */
export const MemoryMap = {
  bootRom: { base: 0x1000, size: 0xf000 },
  testDevice: { base: 0x10_0000, size: 0x1000 },
  rtc: { base: 0x10_1000, size: 0x1000 },
  clint: { base: 0x200_0000, size: 0x1_0000 },
  plic: { base: 0xc00_0000, size: 0x60_0000 },
  uart: { base: 0x1000_0000, size: 0x100 },
  /** The first of {@link VIRTIO_SLOTS} slots, one after the other. */
  virtio: { base: 0x1000_1000, size: 0x1000 },
} as const;

export const VIRTIO_SLOTS = 8;

/** PLIC sources: of the first virtio slot (the others follow), the UART, the real-time clock. */
export const VIRTIO_SOURCE = 1;
export const UART_SOURCE = 10;
export const RTC_SOURCE = 11;

/** Interrupt sources of the PLIC, numbered from 1 (0 means "none"). */
export const PLIC_SOURCES = 96;

/** Ticks of `time` per second. */
export const TIMEBASE_HZ = 10_000_000;
