/** Bits of mstatus and sstatus (priv 1.13 §3.1.6). All that can change lie in the low 32. */
export const Status = {
  SIE: 1 << 1,
  MIE: 1 << 3,
  SPIE: 1 << 5,
  MPIE: 1 << 7,
  SPP: 1 << 8,
  MPP: 3 << 11,
  MPRV: 1 << 17,
  SUM: 1 << 18,
  MXR: 1 << 19,
  TVM: 1 << 20,
  TW: 1 << 21,
  TSR: 1 << 22,
} as const;
export const MPP_SHIFT = 11;

/** Those that sstatus has too, without FS. */
export const SSTATUS_BITS = Status.SIE | Status.SPIE | Status.SPP | Status.SUM | Status.MXR;

/** Where FS stands, and the bit that says it is dirty. */
export const FS_SHIFT = 13;
export const SD = 1n << 63n;

/** U-mode runs with 64 bits. */
export const UXL_64 = 2n << 32n;
