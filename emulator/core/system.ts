import { Privilege } from '../api';
import type { CsrOperation, SystemOperation } from '../isa/semantics';
import type { AccessWatch } from './access-watch';
import { CacheBlockField, mayUseCacheBlocks } from './cache-block-rights';
import { Exception } from './csr/causes';
import type { CsrEffect } from './csr/definition';
import { isReadOnly, privilegeOf } from './csr/definition';
import { findCsr } from './csr/table';
import type { HartState } from './hart-state';
import { Status } from '../isa/status';
import type { MemoryAccess } from './memory-access';
import type { Fault } from './mmu';
import type { Registers } from './registers';
import { pageNumber } from './translation-cache';
import { returnFromMachine, returnFromSupervisor } from './traps';

/** What system instructions ask of the hart. */
interface SystemHost {
  readonly state: HartState;
  readonly registers: Registers;
  /** A CSR with this effect was written. */
  afterCsrWrite(effect: CsrEffect): void;
  /** Goes on at another address, with another privilege perhaps: returns from a trap into `level`. */
  continueAt(pc: bigint, level: Privilege): void;
  /** Waits for an interrupt after this instruction. */
  wait(): void;
  /** `sfence.vma` of a page, as `pageNumber` has it, or of all. */
  fence(page: number | undefined, asid: number | undefined): void;
  /** An ecall that would trap into M-mode. True if the board's firmware has served it. */
  environmentCall(): boolean | Fault;
  readonly access: Pick<MemoryAccess, 'zeroBlock' | 'manageBlock'>;
  readonly watch: Pick<AccessWatch, 'writeCsr'>;
}

const ecallCauses = {
  [Privilege.user]: Exception.ecallFromUser,
  [Privilege.supervisor]: Exception.ecallFromSupervisor,
  [Privilege.machine]: Exception.ecallFromMachine,
} as const;

/** What lets lower privileges execute them. */
const cacheBlockFieldOf = {
  'cbo.inval': CacheBlockField.CBIE,
  'cbo.clean': CacheBlockField.CBCFE,
  'cbo.flush': CacheBlockField.CBCFE,
  'cbo.zero': CacheBlockField.CBZE,
} as const;

/** CSR, privileged and cache-block instructions of one hart. */
export class System {
  readonly #host: SystemHost;

  constructor(host: SystemHost) {
    this.#host = host;
  }

  /** The old value, or the exception. Neither reads nor writes that the manual says do not happen do (unpriv §6.1). */
  csr(operation: CsrOperation, bits: number, operand: bigint): bigint | Fault {
    const { state } = this.#host;
    const address = bits >>> 20;
    const source = (bits >>> 15) & 31; // rs1 or zimm
    const writes = operation === 'write' || source !== 0;
    const csr = findCsr(address, state.extensions);
    if (
      !csr ||
      state.privilege < privilegeOf(address) ||
      (writes && isReadOnly(address)) ||
      csr.accessible?.(state) === false
    ) {
      return illegal(bits);
    }
    const old = csr.read(state);
    if (writes) {
      const base = csr.readForUpdate?.(state) ?? old;
      const value = operation === 'write' ? operand : operation === 'set' ? base | operand : base & ~operand;
      this.#host.watch.writeCsr(
        address,
        (number) => findCsr(number, state.extensions)?.read(state) ?? 0n,
        () => {
          csr.write?.(state, BigInt.asUintN(64, value));
          if (csr.effect) this.#host.afterCsrWrite(csr.effect);
        },
      );
    }
    return old;
  }

  perform(operation: SystemOperation, bits: number): Fault | undefined {
    const { state, registers } = this.#host;
    switch (operation) {
      case 'illegal':
        return illegal(bits);
      case 'ecall':
        return this.#ecall();
      case 'ebreak':
        return { cause: Exception.breakpoint, tval: registers.pc };
      case 'mret':
        if (state.privilege !== Privilege.machine) return illegal(bits);
        this.#host.continueAt(returnFromMachine(state), Privilege.machine);
        return undefined;
      case 'sret':
        if (this.#trapped(Status.TSR)) return illegal(bits);
        this.#host.continueAt(returnFromSupervisor(state), Privilege.supervisor);
        return undefined;
      case 'wfi':
        if (this.#trapped(Status.TW)) return illegal(bits);
        this.#host.wait();
        return undefined;
      case 'sfence.vma':
        if (this.#trapped(Status.TVM)) return illegal(bits);
        this.#fence(bits);
        return undefined;
      case 'sfence.inval':
        return state.privilege === Privilege.user ? illegal(bits) : undefined;
      case 'cbo.inval':
      case 'cbo.clean':
      case 'cbo.flush':
      case 'cbo.zero':
        return this.#cacheBlock(operation, bits);
    }
  }

  /** True in U-mode, and in S-mode if this bit of mstatus traps the instruction. */
  #trapped(bit: number): boolean {
    const { privilege, mstatus } = this.#host.state;
    return privilege === Privilege.user || (privilege === Privilege.supervisor && (mstatus & bit) !== 0);
  }

  #cacheBlock(operation: keyof typeof cacheBlockFieldOf, bits: number): Fault | undefined {
    const { state, registers, access } = this.#host;
    if (!mayUseCacheBlocks(state, cacheBlockFieldOf[operation])) return illegal(bits);
    const rs1 = (bits >>> 15) & 31;
    const [high, low] = [registers.xHigh(rs1), registers.xLow(rs1)];
    return operation === 'cbo.zero' ? access.zeroBlock(high, low) : access.manageBlock(high, low);
  }

  #ecall(): Fault | undefined {
    const { state } = this.#host;
    const cause = ecallCauses[state.privilege];
    const delegated = state.privilege !== Privilege.machine && ((state.medeleg >> cause) & 1) !== 0;
    const answer = cause === Exception.ecallFromSupervisor && !delegated && this.#host.environmentCall();
    if (answer === true) return undefined;
    return answer === false ? { cause, tval: 0n } : answer;
  }

  #fence(bits: number): void {
    const { registers } = this.#host;
    const rs1 = (bits >>> 15) & 31;
    const rs2 = (bits >>> 20) & 31;
    this.#host.fence(
      rs1 === 0 ? undefined : pageNumber(registers.xHigh(rs1), registers.xLow(rs1)),
      rs2 === 0 ? undefined : registers.xLow(rs2) & 0xffff,
    );
  }
}

/** tval is the instruction, as QEMU and most hardware have it. */
const illegal = (bits: number): Fault => ({ cause: Exception.illegalInstruction, tval: BigInt(bits) });
