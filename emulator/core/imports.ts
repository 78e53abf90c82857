import type { Privilege } from '../api';
import { instructionLength } from '../isa/decode';
import type { AccessSize } from '../isa/semantics';
import type { InterpreterImports } from '../wasm/imports';
import { csrOperations, loadKinds, systemOperations } from '../wasm/imports';
import type { CallRecorder } from './call-recorder';
import type { Core } from './core';
import { Exception } from './csr/causes';
import type { MemoryAccess } from './memory-access';
import type { Fault, Mmu } from './mmu';
import { isFault } from './mmu';
import type { Registers } from './registers';
import type { System } from './system';
import { highWord, lowWord } from './words';

/** What the imports need of the hart that runs. */
interface ImportsHost {
  readonly core: Core;
  readonly registers: Registers;
  readonly mmu: Mmu;
  readonly access: MemoryAccess;
  readonly system: System;
  /** Absent if calls are not recorded. */
  readonly calls: CallRecorder | undefined;
  /** Takes an exception of the instruction at hand. `counted` tells if the interpreter has taken a step off for it. */
  raise(fault: Fault, counted: boolean): void;
  /** Has the interpreter return after the instruction at hand. */
  comeBack(): void;
  /** The pc is a breakpoint: stops there, or passes it once and returns false. */
  stopAtBreakpoint(): boolean;
  /** Stops if the instruction at the pc, and at this physical address, is where the hart leaves the text; false if it goes on. */
  stopAstray(physical: number): boolean;
  /** Control has come to a page that was asked for. */
  noteOrigin(): void;
  /** Of fetches. */
  readonly privilege: Privilege;
}

/** The interpreter's requests, answered for one hart. */
export function createImports(host: ImportsHost): InterpreterImports {
  const { core, registers, mmu, access, system } = host;
  const { pages, memory } = core;
  const { exchange } = core.registers;

  /** 0, which tells the interpreter to return, if the result is a fault. */
  const orRaise = (result: number | Fault, counted: boolean): number => {
    if (!isFault(result)) return result;
    host.raise(result, counted);
    return 0;
  };

  const fetchPage = (high: number, low: number, keep?: number): number | Fault | undefined => {
    const known = mmu.cache.findMarkedFetch(high, low);
    if (known !== undefined) return known;
    const decoded = mmu.fetchPage(high, low, keep);
    if (typeof decoded === 'number') core.armAt(mmu.cache, high, low, decoded, host.privilege);
    return decoded;
  };

  const halfwordIn = (physical: number): number => memory.view.getUint16(memory.hostAddress(physical), true);

  const halfwordAt = (entry: number): number => halfwordIn(pages.addressOf(entry));

  /** Where the halfword is that is fetched from an address in a page whose every fetch is to be checked. */
  const placeOf = (address: bigint): number | Fault => {
    const physical = mmu.translate(highWord(address), lowWord(address), 2, 'execute');
    if (isFault(physical) || memory.contains(physical, 2)) return physical;
    return { cause: Exception.instructionAccessFault, tval: address };
  };
  const fetchHalfword = (address: bigint): number | Fault => {
    const physical = placeOf(address);
    return isFault(physical) ? physical : halfwordIn(physical);
  };

  /** The instruction of the last entry of a page and the first halfword of the next. */
  const straddle = (entry: number): number => {
    const address = BigInt.asUintN(64, registers.pc + 2n);
    const next = fetchPage(highWord(address), lowWord(address), pages.pageOf(entry));
    if (next === undefined) {
      const second = fetchHalfword(address);
      return isFault(second) ? orRaise(second, false) : pages.oneOff.once(halfwordAt(entry) | (second << 16));
    }
    if (isFault(next)) return orRaise(next, false);
    return pages.oneOff.keep(entry, next, halfwordAt(entry) | (halfwordAt(next) << 16));
  };

  /** A slot for one execution of the instruction of this entry, which has another handler. */
  const instructionAlone = (entry: number): number => {
    const low = halfwordAt(entry);
    if (instructionLength(low) === 2) return pages.oneOff.once(low);
    const atPageEnd = (registers.pc & 0xfffn) === 0xffen;
    return atPageEnd
      ? straddle(entry)
      : pages.oneOff.once(memory.view.getUint32(memory.hostAddress(pages.addressOf(entry)), true));
  };

  /** Fetches the instruction at the pc alone. */
  const fetchGuarded = (): number => {
    const { pc } = registers;
    if (core.breakpoints.has(pc) && host.stopAtBreakpoint()) return 0;
    const place = placeOf(pc);
    if (isFault(place)) return orRaise(place, false);
    if (host.stopAstray(place)) return 0;
    const first = halfwordIn(place);
    const second = instructionLength(first) === 2 ? 0 : fetchHalfword(BigInt.asUintN(64, pc + 2n));
    if (isFault(second)) return orRaise(second, false);
    return pages.guarded.place(Number(pc & 0xfffn), first | (second << 16));
  };

  return {
    decode: (entry) => pages.decode(entry),
    fetch: () => {
      host.noteOrigin();
      const page = fetchPage(registers.pcHigh, registers.pcLow);
      return page === undefined ? fetchGuarded() : orRaise(page, false);
    },
    straddle,
    breakpoint: (entry) => {
      if (core.breakpoints.has(registers.pc) && host.stopAtBreakpoint()) return 0;
      if (host.stopAstray(pages.addressOf(entry))) return 0;
      return instructionAlone(entry);
    },
    untranslated: instructionAlone,
    load: (kind) => {
      const fault = access.load(exchange.addressHigh, exchange.addressLow, loadKinds[kind]!);
      if (fault) host.raise(fault, true);
    },
    store: (size) => {
      const fault = access.store(exchange.addressHigh, exchange.addressLow, size as AccessSize);
      if (fault) host.raise(fault, true);
      else if (pages.hasRetiring) host.comeBack();
    },
    atomic: (size) =>
      orRaise(access.atomicAddress(exchange.addressHigh, exchange.addressLow, size as AccessSize), true),
    conditional: (size) => {
      const isHeld = (to: number): boolean => registers.reservation === (to | (size === 8 ? 1 : 0));
      const { addressHigh, addressLow } = exchange;
      return orRaise(access.conditionalAddress(addressHigh, addressLow, size as AccessSize, isHeld), true);
    },
    reserve: (size) =>
      orRaise(access.reservedAddress(exchange.addressHigh, exchange.addressLow, size as AccessSize), true),
    csr: (operation, bits, operand) => {
      const result = system.csr(csrOperations[operation]!, bits >>> 0, BigInt.asUintN(64, operand));
      if (isFault(result)) {
        host.raise(result, true);
        return 0n;
      }
      return result;
    },
    returned: (target, link) => host.calls?.returned(BigInt.asUintN(64, target), link),
    callAreaFull: () => host.calls?.makeRoom(),
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
      else if (pages.hasRetiring) host.comeBack();
    },
  };
}
