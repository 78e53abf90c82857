/** The address space of a hart: what its CSRs say of translation and protection. */
import type { Target, TargetHart } from '../../target/target';
import type { PageTables } from './page-walk';
import type { RightsOf } from './page-rights';
import { pmpEntries, pmpVerdict, type PmpEntry } from './pmp';
import { decodeSatp, type PagingMode, type Satp } from './satp';

const csr = { satp: 0x180, mstatus: 0x300, sstatus: 0x100, menvcfg: 0x30a } as const;
const SUM = 1n << 18n;
const MXR = 1n << 19n;
const ADUE = 1n << 61n;
const PBMTE = 1n << 62n;

export interface AddressSpace {
  readonly satp: Satp;
  /** The hart's own satp, rather than one that somebody asks about. */
  readonly isCurrent: boolean;
  /** Without the privilege. */
  readonly rights: Omit<RightsOf, 'privilege'>;
  readonly pmp: readonly PmpEntry[];
  /** For a mode that translates. */
  readonly tables: (mode: PagingMode) => PageTables;
}

/** That of a hart, or the one that it would have with another satp. */
export function addressSpaceOf(
  hart: TargetHart,
  target: Pick<Target, 'readPhysical'>,
  otherSatp?: bigint,
): AddressSpace {
  const own = hart.getCsr(csr.satp) ?? 0n;
  const satp = decodeSatp(otherSatp ?? own);
  const status = hart.getCsr(csr.mstatus) ?? hart.getCsr(csr.sstatus) ?? 0n;
  const environment = hart.getCsr(csr.menvcfg) ?? 0n;
  const pmp = pmpEntries((address) => hart.getCsr(address));
  return {
    satp,
    isCurrent: satp.bits === own,
    rights: {
      sum: (status & SUM) !== 0n,
      mxr: (status & MXR) !== 0n,
      adue: (environment & ADUE) !== 0n,
    },
    pmp,
    tables: (mode) => ({
      mode,
      root: satp.root,
      napot: hart.svnapot,
      pbmte: (environment & PBMTE) !== 0n,
      readWord: (address) => readWord(target, address),
      mayRead: (address) => pmpVerdict(pmp, address, 8, 'load', 'supervisor').allowed,
    }),
  };
}

function readWord(target: Pick<Target, 'readPhysical'>, address: bigint): bigint | undefined {
  const bytes = target.readPhysical(address, 8);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
}
