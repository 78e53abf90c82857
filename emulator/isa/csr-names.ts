/**
 * Names of control and status registers (priv 1.13 §2.2). It covers the standard ones, also those that this machine lacks, so
 * that any kernel's code disassembles readably.
 */
const named: Readonly<Record<string, number>> = {
  ...{ fflags: 0x001, frm: 0x002, fcsr: 0x003 },
  ...{ vstart: 0x008, vxsat: 0x009, vxrm: 0x00a, vcsr: 0x00f, vl: 0xc20, vtype: 0xc21, vlenb: 0xc22 },
  ...{ cycle: 0xc00, time: 0xc01, instret: 0xc02 },

  ...{ sstatus: 0x100, sie: 0x104, stvec: 0x105, scounteren: 0x106, senvcfg: 0x10a },
  ...{ sscratch: 0x140, sepc: 0x141, scause: 0x142, stval: 0x143, sip: 0x144, stimecmp: 0x14d },
  ...{ satp: 0x180, scontext: 0x5a8 },

  ...{ hstatus: 0x600, hedeleg: 0x602, hideleg: 0x603, hie: 0x604, htimedelta: 0x605, hcounteren: 0x606 },
  ...{ hgeie: 0x607, henvcfg: 0x60a, htval: 0x643, hip: 0x644, hvip: 0x645, htinst: 0x64a, hgatp: 0x680 },
  ...{ hcontext: 0x6a8, hgeip: 0xe12 },
  ...{ vsstatus: 0x200, vsie: 0x204, vstvec: 0x205, vsscratch: 0x240, vsepc: 0x241, vscause: 0x242 },
  ...{ vstval: 0x243, vsip: 0x244, vstimecmp: 0x24d, vsatp: 0x280 },

  // Advanced Interrupt Architecture 1.0 §2.1, §5.1, and the entropy source (unpriv, Zkr).
  ...{ siselect: 0x150, sireg: 0x151, stopei: 0x15c, stopi: 0xdb0 },
  ...{ vsiselect: 0x250, vsireg: 0x251, vstopei: 0x25c, vstopi: 0xeb0 },
  ...{ hvien: 0x608, hvictl: 0x609, hviprio1: 0x646, hviprio2: 0x647 },
  ...{ mvien: 0x308, mvip: 0x309, miselect: 0x350, mireg: 0x351, mtopei: 0x35c, mtopi: 0xfb0 },
  ...{ seed: 0x015 },

  ...{ mvendorid: 0xf11, marchid: 0xf12, mimpid: 0xf13, mhartid: 0xf14, mconfigptr: 0xf15 },
  ...{ mstatus: 0x300, misa: 0x301, medeleg: 0x302, mideleg: 0x303, mie: 0x304, mtvec: 0x305 },
  ...{ mcounteren: 0x306, menvcfg: 0x30a, mcountinhibit: 0x320, mseccfg: 0x747 },
  ...{ mscratch: 0x340, mepc: 0x341, mcause: 0x342, mtval: 0x343, mip: 0x344, mtinst: 0x34a, mtval2: 0x34b },
  ...{ mcycle: 0xb00, minstret: 0xb02 },

  ...{ tselect: 0x7a0, tdata1: 0x7a1, tdata2: 0x7a2, tdata3: 0x7a3, mcontext: 0x7a8 },
  ...{ dcsr: 0x7b0, dpc: 0x7b1, dscratch0: 0x7b2, dscratch1: 0x7b3 },

  ...numbered('pmpcfg', 0, 15, 0x3a0),
  ...numbered('pmpaddr', 0, 63, 0x3b0),
  ...numbered('hpmcounter', 3, 31, 0xc03),
  ...numbered('mhpmcounter', 3, 31, 0xb03),
  ...numbered('mhpmevent', 3, 31, 0x323),
};

function numbered(name: string, first: number, last: number, address: number): Record<string, number> {
  const entries: Record<string, number> = {};
  for (let index = first; index <= last; index++) entries[`${name}${index}`] = address + index - first;
  return entries;
}

const byNumber = new Map(Object.entries(named).map(([name, number]) => [number, name]));

export function csrName(number: number): string | undefined {
  return byNumber.get(number);
}

export function csrNumber(name: string): number | undefined {
  return Object.hasOwn(named, name) ? named[name] : undefined;
}
