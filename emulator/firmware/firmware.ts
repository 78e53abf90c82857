import type { HartControl } from '../core/api';
import type { Fault } from '../core/mmu';
import { baseExtension } from './base';
import { debugConsoleExtension } from './debug-console';
import { HartStateManagement } from './hart-state';
import { ipiExtension, timeExtension } from './interrupts';
import { legacyCalls, type LegacyCall } from './legacy';
import { remoteFenceExtension } from './remote-fence';
import { exactNumber, SbiError, type FirmwareHost, type SbiExtension } from './sbi';
import { systemResetExtension } from './system-reset';

/** Machine-mode CSRs through which S-mode is given what it needs. */
const Csr = {
  mstatus: 0x300,
  medeleg: 0x302,
  mideleg: 0x303,
  scounteren: 0x106,
  mcounteren: 0x306,
  menvcfg: 0x30a,
} as const;
/**
 * All exceptions but the environment calls from S and M. OpenSBI delegates fewer and hands the others back to S-mode when it cannot
 * emulate them; what S-mode sees is the same.
 */
const DELEGATED_EXCEPTIONS = 0xb1ffn;
/** Supervisor software, timer and external interrupts. */
const DELEGATED_INTERRUPTS = 0x222n;
/** All of them. */
const COUNTERS = 0xffff_ffffn;
/**
 * menvcfg: STCE (`stimecmp` is S-mode's), PBMTE and ADUE (memory types, updates of A and D in page tables), CBZE, CBCFE and CBIE (all
 * cache-block instructions).
 */
const ENVIRONMENT = (7n << 61n) | 0xf0n;

/** mstatus.FS, the floating-point unit: dirty, as OpenSBI leaves it. */
const FLOAT_DIRTY = 3n << 13n;

/** For registers that hold no 32-bit number: neither an extension nor a function. */
const NO_ID = -1;

const A0 = 10;
const A1 = 11;
const A6 = 16;
const A7 = 17;

/**
 * The built-in SBI 2.0 firmware. It runs outside the guest: no guest memory is used or reserved, and no instruction is executed
 * for it.
 */
export class Firmware {
  private readonly extensions = new Map<number, SbiExtension>();
  private readonly legacy: ReadonlyMap<number, LegacyCall>;
  private readonly hartStates: HartStateManagement;

  constructor(host: FirmwareHost) {
    this.legacy = legacyCalls(host);
    this.hartStates = new HartStateManagement(host);
    for (const extension of [
      baseExtension((id) => this.extensions.has(id) || this.legacy.has(id)),
      timeExtension(host),
      ipiExtension(host),
      remoteFenceExtension(host),
      this.hartStates,
      systemResetExtension(host),
      debugConsoleExtension(host),
    ]) {
      this.extensions.set(extension.id, extension);
    }
  }

  /**
   * An `ecall` from S-mode: EID in a7, FID in a6, arguments in a0 to a5 (SBI 2.0, "Binary Encoding").
   * @returns the fault that the call met at an address in the hart's own address space, for the hart to take instead
   */
  call(hart: HartControl): Fault | undefined {
    const args = [0, 1, 2, 3, 4, 5].map((index) => hart.getX(A0 + index));
    const id = exactNumber(hart.getX(A7)) ?? NO_ID;
    const legacy = this.legacy.get(id);
    if (legacy !== undefined) {
      const value = legacy({ hart, args });
      if (typeof value === 'object') return value;
      if (value !== undefined) hart.setX(A0, BigInt.asUintN(64, value));
      return undefined;
    }
    const call = this.extensions.get(id)?.functions[exactNumber(hart.getX(A6)) ?? NO_ID];
    const result = call ? call({ hart, args }) : { error: SbiError.notSupported, value: 0n };
    if (result !== undefined) {
      hart.setX(A0, BigInt.asUintN(64, BigInt(result.error)));
      hart.setX(A1, result.value);
    }
    return undefined;
  }

  /** To be called before a hart gets its turn. */
  beforeTurn(hart: HartControl): void {
    this.hartStates.resume(hart);
  }

  state(): readonly (number | bigint)[] {
    return this.hartStates.state();
  }
}

/** What machine-mode firmware grants to S-mode before it leaves a hart to it. */
export function grantSupervisor(hart: HartControl): void {
  hart.setCsr(Csr.medeleg, DELEGATED_EXCEPTIONS);
  hart.setCsr(Csr.mideleg, DELEGATED_INTERRUPTS);
  hart.setCsr(Csr.mcounteren, COUNTERS);
  // Linux with its legacy PMU driver never sets it, and its vDSO reads the time in user mode: OpenSBI does this too.
  hart.setCsr(Csr.scounteren, COUNTERS);
  hart.setCsr(Csr.menvcfg, ENVIRONMENT);
  hart.setCsr(Csr.mstatus, (hart.getCsr(Csr.mstatus) ?? 0n) | FLOAT_DIRTY);
}
