/** What the memory-mapped transport shows (virtio 1.2 §4.2.2), with the bits that all virtio devices share. */

/** Registers, each 32 bits wide. */
export const Register = {
  magic: 0x000,
  version: 0x004,
  deviceId: 0x008,
  vendorId: 0x00c,
  deviceFeatures: 0x010,
  deviceFeaturesSelect: 0x014,
  driverFeatures: 0x020,
  driverFeaturesSelect: 0x024,
  queueSelect: 0x030,
  queueSizeMax: 0x034,
  queueSize: 0x038,
  queueReady: 0x044,
  queueNotify: 0x050,
  interruptStatus: 0x060,
  interruptAcknowledge: 0x064,
  status: 0x070,
  descriptorsLow: 0x080,
  descriptorsHigh: 0x084,
  availableLow: 0x090,
  availableHigh: 0x094,
  usedLow: 0x0a0,
  usedHigh: 0x0a4,
  sharedMemoryLengthLow: 0x0b0,
  sharedMemoryLengthHigh: 0x0b4,
  sharedMemoryBaseLow: 0x0b8,
  sharedMemoryBaseHigh: 0x0bc,
  config: 0x100,
} as const;

export const MAGIC = 0x7472_6976; // "virt"
export const VERSION = 2;
export const VENDOR = 0x5755_5652; // "RVUW"

/** Device status (virtio 1.2 §2.1). */
export const Status = { driverOk: 4, featuresOk: 8, needsReset: 0x40, all: 0xcf } as const;
/** Causes of the interrupt. */
export const Interrupt = { usedBuffer: 1, configChange: 2 } as const;
/** Reserved feature bits (virtio 1.2 §6). */
export const Feature = { indirect: 1n << 28n, eventIndex: 1n << 29n, version1: 1n << 32n } as const;

export const NO_SHARED_MEMORY = 0xffff_ffffn;
