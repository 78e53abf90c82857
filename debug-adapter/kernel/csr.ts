/** Addresses of the CSRs that tell where a trap came from and whose stack it uses (priv 1.13 §2.2). */
export const csr = {
  sstatus: 0x100,
  sscratch: 0x140,
  sepc: 0x141,
  mstatus: 0x300,
  mscratch: 0x340,
  mepc: 0x341,
} as const;
