import { instructionLength } from '../isa/decode';
import type { AccessSize, LoadKind } from '../isa/semantics';
import type { InterpreterImports } from '../wasm/imports';
import { csrOperations, loadKinds, systemOperations } from '../wasm/imports';
import type { Core } from './core';
import type { MemoryAccess } from './memory-access';
import type { Fault, Mmu } from './mmu';
import { isFault } from './mmu';
import type { Registers } from './registers';
import type { System } from './system';

/** What the imports need of the hart that runs. */
export interface ImportsHost {
  readonly core: Core;
  readonly registers: Registers;
  readonly mmu: Mmu;
  readonly access: MemoryAccess;
  readonly system: System;
  /** Takes an exception of the instruction at hand. `counted` tells if the interpreter has taken a step off for it. */
  raise(fault: Fault, counted: boolean): void;
  /** The pc is a breakpoint: stops there, or passes it once and returns false. */
  stopAtBreakpoint(): boolean;
}

const loadSizes: Readonly<Record<LoadKind, AccessSize>> = {
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  i64: 8,
};
const PAGE_MASK = ~0xfffn;

/** The interpreter's requests, answered for one hart. */
export function createImports(host: ImportsHost): InterpreterImports {
  const { core, registers, mmu, access, system } = host;
  const { pages, memory } = core;

  /** 0, which tells the interpreter to return, if the result is a fault. */
  const orRaise = (result: number | Fault, counted: boolean): number => {
    if (!isFault(result)) return result;
    host.raise(result, counted);
    return 0;
  };

  const fetchPage = (address: bigint, keep?: number): number | Fault => {
    const decoded = mmu.fetchPage(address, keep);
    if (!isFault(decoded)) core.arm(address & PAGE_MASK, decoded);
    return decoded;
  };

  const halfwordAt = (entry: number): number =>
    memory.view.getUint16(memory.hostAddress(pages.addressOf(entry)), true);

  /** The instruction of the last entry of a page and the first halfword of the next. */
  const straddle = (entry: number): number => {
    const next = orRaise(fetchPage(BigInt.asUintN(64, registers.pc + 2n), pages.pageOf(entry)), false);
    if (next === 0) return 0;
    return pages.oneOff.keep(entry, next, halfwordAt(entry) | (halfwordAt(next) << 16));
  };

  return {
    decode: (entry) => pages.decode(entry),
    fetch: () => orRaise(fetchPage(registers.pc), false),
    straddle,
    breakpoint: (entry) => {
      if (core.breakpoints.has(registers.pc) && host.stopAtBreakpoint()) return 0;
      const low = halfwordAt(entry);
      if (instructionLength(low) === 2) return pages.oneOff.once(low);
      const atPageEnd = (registers.pc & 0xfffn) === 0xffen;
      return atPageEnd
        ? straddle(entry)
        : pages.oneOff.once(memory.view.getUint32(memory.hostAddress(pages.addressOf(entry)), true));
    },
    load: (address, kindNumber) => {
      const kind = loadKinds[kindNumber]!;
      const size = loadSizes[kind];
      const result = access.load(BigInt.asUintN(64, address), size);
      if (isFault(result)) {
        host.raise(result, true);
        return 0n;
      }
      return kind.startsWith('i') ? BigInt.asIntN(size * 8, result) : result;
    },
    store: (address, value, size) => {
      const fault = access.store(BigInt.asUintN(64, address), BigInt.asUintN(64, value), size as AccessSize);
      if (fault) host.raise(fault, true);
    },
    atomic: (address, size) =>
      orRaise(access.atomicAddress(BigInt.asUintN(64, address), size as AccessSize), true),
    reserve: (address, size) =>
      orRaise(access.reservedAddress(BigInt.asUintN(64, address), size as AccessSize), true),
    csr: (operation, bits, operand) => {
      const result = system.csr(csrOperations[operation]!, bits >>> 0, BigInt.asUintN(64, operand));
      if (isFault(result)) {
        host.raise(result, true);
        return 0n;
      }
      return result;
    },
    perform: (operation, bits) => {
      const fault = system.perform(systemOperations[operation]!, bits >>> 0);
      if (fault) host.raise(fault, true);
    },
  };
}
