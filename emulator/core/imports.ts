import { instructionLength } from '../isa/decode';
import type { AccessSize, LoadKind } from '../isa/semantics';
import type { InterpreterImports } from '../wasm/imports';
import { csrOperations, loadKinds, systemOperations } from '../wasm/imports';
import type { Core } from './core';
import { Exception } from './csr/causes';
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

  const fetchPage = (address: bigint, keep?: number): number | Fault | undefined => {
    const decoded = mmu.fetchPage(address, keep);
    if (typeof decoded === 'number') core.arm(address & PAGE_MASK, decoded);
    return decoded;
  };

  const halfwordAt = (entry: number): number =>
    memory.view.getUint16(memory.hostAddress(pages.addressOf(entry)), true);

  /** The halfword at an address in a page whose every fetch is to be checked. */
  const fetchHalfword = (address: bigint): number | Fault => {
    const physical = mmu.translate(address, 2, 'execute');
    if (isFault(physical)) return physical;
    if (!memory.contains(physical, 2)) return { cause: Exception.instructionAccessFault, tval: address };
    return memory.view.getUint16(memory.hostAddress(physical), true);
  };

  /** The instruction of the last entry of a page and the first halfword of the next. */
  const straddle = (entry: number): number => {
    const address = BigInt.asUintN(64, registers.pc + 2n);
    const next = fetchPage(address, pages.pageOf(entry));
    if (next === undefined) {
      const second = fetchHalfword(address);
      return isFault(second) ? orRaise(second, false) : pages.oneOff.once(halfwordAt(entry) | (second << 16));
    }
    if (isFault(next)) return orRaise(next, false);
    return pages.oneOff.keep(entry, next, halfwordAt(entry) | (halfwordAt(next) << 16));
  };

  /** Fetches the instruction at the pc alone. */
  const fetchGuarded = (): number => {
    const { pc } = registers;
    if (core.breakpoints.has(pc) && host.stopAtBreakpoint()) return 0;
    const first = fetchHalfword(pc);
    if (isFault(first)) return orRaise(first, false);
    const second = instructionLength(first) === 2 ? 0 : fetchHalfword(BigInt.asUintN(64, pc + 2n));
    if (isFault(second)) return orRaise(second, false);
    return pages.guarded.place(Number(pc & 0xfffn), first | (second << 16));
  };

  return {
    decode: (entry) => pages.decode(entry),
    fetch: () => {
      const page = fetchPage(registers.pc);
      return page === undefined ? fetchGuarded() : orRaise(page, false);
    },
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
    float: (operation, bits) => {
      if (core.floatUnit.execute(operation, bits)) return;
      const fault = system.perform('illegal', bits >>> 0);
      if (fault) host.raise(fault, true);
    },
    misaligned: (target) =>
      host.raise({ cause: Exception.instructionAddressMisaligned, tval: BigInt.asUintN(64, target) }, true),
    perform: (operation, bits) => {
      const fault = system.perform(systemOperations[operation]!, bits >>> 0);
      if (fault) host.raise(fault, true);
    },
  };
}
