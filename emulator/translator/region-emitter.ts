import { DYNAMIC, Flag } from '../float/rounding';
import { CACHE_BLOCK } from '../isa/cache-block';
import type { Decoded } from '../isa/decode';
import type { AccessSize, CsrOperation, Emitter, LoadKind, ShortWay } from '../isa/semantics';
import type { I32, I64, Label, Local, Statement } from '../wasm/expression';
import { branchIf, drop, frozen, i32, i64, ifElse, ifThen, sequence, valueAfter } from '../wasm/expression';
import { address, budget, host, saveAt, temporaries, zero } from '../wasm/frame';
import { FloatStatus, State, Tlb } from '../wasm/layout';
import { hitPage, hostAddress, loads, reservationOf, stores, type TlbLook } from '../wasm/memory-access';
import { floatOperationNumber, imports } from '../wasm/imports';
import { shortOrLong } from '../wasm/short-way';
import { changeStatus, isQuiet, status, statusChange } from '../wasm/status';
import { Temporaries } from '../wasm/temporaries';
import { readsTime, timeWith } from '../wasm/time';
import type { AccessGroup } from './access-groups';
import { pageAddress, type RegisterLocals } from './region-frame';

/** Where an instruction of a region stands, and what surrounds it. */
interface Site {
  /** Offset in the page, bytes. */
  readonly offset: number;
  readonly bits: number;
  readonly decoded: Decoded;
  /** Instructions of the block that come after; `budget` has their steps taken off already. */
  readonly after: number;
  /** An instruction before in the block needs it too. */
  readonly floatIsOn: boolean;
  readonly registers: RegisterLocals;
  /** The accesses that it shares a look into the TLB with, if it does. */
  readonly group: AccessGroup | undefined;
  /** How accesses look into the TLB. */
  readonly look: TlbLook;
}

/** Where control can go from an instruction. */
export interface Ways {
  /** On to the block at this offset of the page, or out of the region there. */
  goTo(offset: number): Statement;
  goToIf(condition: I32, offset: number): Statement;
  /** To the block at `address`, or out of the region. */
  readonly goToAddress: Statement;
  /** Out of the region before the instruction at hand, for the interpreter. */
  readonly leave: Statement;
  /** Out of the region with pc and steps left as TypeScript has put them into the state. */
  readonly stop: Label;
}

/**
 * Code for one instruction of a region. What the TLB does not know, and whatever else is rare, is left to the interpreter: misses are
 * so few that coming back later costs less than a call at every access, around which registers would have to be saved.
 */
export function emitInstruction(site: Site, ways: Ways): Statement {
  const emitter = new RegionEmitter(site, ways);
  const statement = site.decoded.instruction.semantics(emitter);
  return emitter.guard ? ifElse(emitter.guard, statement, ways.leave) : statement;
}

/** Steps left when the instruction is done. */
const stepsLeft = ({ after }: Site): I32 =>
  after === 0 ? budget.get : i32.add(budget.get, i32.constant(after));

const addressOf = (offset: number): I64 => i64.add(pageAddress.get, i64.constant(offset));

/** Makes pc and steps left known to TypeScript. */
const save = (site: Site): Statement => saveAt(addressOf(site.offset), stepsLeft(site));

const fcsr: I32 = i32.load(zero, State.fcsr);
const hasTrapped: I32 = frozen(i32.ltS(i32.load(zero, State.budget), zero));
const makeFloatDirty: Statement = frozen(i32.store(zero, i32.constant(FloatStatus.dirty), State.floatStatus));

/** The semantics' vocabulary for instructions whose operands are known. */
class RegionEmitter implements Emitter {
  /** What must hold, and is evaluated first: without it the instruction is the interpreter's. */
  guard: I32 | undefined;
  readonly #site: Site;
  readonly #ways: Ways;
  #temporaries = new Temporaries();

  constructor(site: Site, ways: Ways) {
    this.#site = site;
    this.#ways = ways;
  }

  get rs1(): I64 {
    return valueOf(this.#site.registers.x, this.#site.decoded.fields.rs1);
  }

  get rs2(): I64 {
    return valueOf(this.#site.registers.x, this.#site.decoded.fields.rs2);
  }

  get frs1(): I64 {
    return valueOf(this.#site.registers.f, this.#site.decoded.fields.frs1);
  }

  get frs2(): I64 {
    return valueOf(this.#site.registers.f, this.#site.decoded.fields.frs2);
  }

  get frs3(): I64 {
    return valueOf(this.#site.registers.f, this.#site.decoded.fields.frs3);
  }

  get imm(): I64 {
    return i64.constant(this.#site.decoded.fields.imm ?? 0);
  }

  get zimm(): I64 {
    return i64.constant(this.#site.decoded.fields.zimm ?? 0);
  }

  get pc(): I64 {
    return addressOf(this.#site.offset);
  }

  get nextPc(): I64 {
    return addressOf(this.#site.offset + this.#site.decoded.length);
  }

  writeRd(value: I64): Statement {
    const { rd = 0 } = this.#site.decoded.fields;
    // Nothing is kept for x0, but finding its value may have effects.
    return this.#site.registers.x[rd]?.set(value) ?? drop(value);
  }

  writeFrd(value: I64): Statement {
    const { frd = 0 } = this.#site.decoded.fields;
    return sequence(this.#site.registers.f[frd]!.set(value), makeFloatDirty);
  }

  bind(value: I64, use: (value: I64) => I64): I64 {
    return this.#temporaries.bind(value, use);
  }

  load(kind: LoadKind, at: I64): I64 {
    const { size, load } = loads[kind];
    const { from, offset } = this.#find(at, size, Tlb.load);
    return load(from, offset);
  }

  store(size: AccessSize, at: I64, value: I64): Statement {
    const { from, offset } = this.#find(at, size, Tlb.store);
    return stores[size](from, value, offset);
  }

  /** Where an access lies in this memory, counted from an address that is known then. */
  #find(
    at: I64,
    size: AccessSize,
    buffer: typeof Tlb.load | typeof Tlb.store,
  ): { from: I32; offset: number } {
    const { group, decoded, registers, look } = this.#site;
    if (!group) {
      this.guard = look.within(at, size, buffer);
      return { from: hostAddress(buffer), offset: 0 };
    }
    const { lowest, span, stores, index } = group;
    const kept = registers.hosts[index]!;
    const offset = (decoded.fields.imm ?? 0) - lowest;
    if (group.first.offset !== this.#site.offset) return { from: kept.get, offset };
    const forAll = stores ? Tlb.store : Tlb.load;
    this.guard = look.within(i64.add(this.rs1, i64.constant(lowest)), span, forAll);
    return { from: kept.tee(hostAddress(forAll)), offset };
  }

  atomicUpdate(size: 4 | 8, at: I64, update: (old: I64) => I64): I64 {
    const load = size === 4 ? i64.load32S : i64.load;
    return this.bind(valueAfter(this.#findWritable(size, at), load(host.get)), (old) =>
      valueAfter(stores[size](host.get, update(old)), old),
    );
  }

  loadReserved(size: 4 | 8, at: I64): I64 {
    this.guard = this.#site.look.aligned(at, size, Tlb.load);
    const find = host.set(hostAddress(Tlb.load));
    const reserve = i32.store(zero, reservationOf(size), State.reservation);
    const load = size === 4 ? i64.load32S : i64.load;
    return valueAfter(sequence(find, reserve), load(host.get));
  }

  storeConditional(size: 4 | 8, at: I64, value: I64): I64 {
    const held = i32.eq(i32.load(zero, State.reservation), reservationOf(size));
    const forget = i32.store(zero, zero, State.reservation);
    return valueAfter(
      this.#findWritable(size, at),
      i64.choose(
        held,
        valueAfter(sequence(stores[size](host.get, value), forget), i64.constant(0)),
        valueAfter(forget, i64.constant(1)),
      ),
    );
  }

  zeroBlock(at: I64): Statement {
    const start = i64.and(at, i64.constant(-CACHE_BLOCK));
    const offsets = Array.from({ length: CACHE_BLOCK / 8 }, (_, index) => index * 8);
    this.guard = i32.and(hitPage(start, Tlb.store), i32.load(zero, State.zeroesBlocks));
    return sequence(
      host.set(hostAddress(Tlb.store)),
      ...offsets.map((offset) => i64.store(host.get, i64.constant(0), offset)),
    );
  }

  branch(condition: I32): Statement {
    return this.#ways.goToIf(condition, this.#target);
  }

  jumpRelative(link: Statement): Statement {
    return sequence(link, this.#ways.goTo(this.#target));
  }

  jump(target: I64, link: Statement): Statement {
    return sequence(address.set(target), link, this.#ways.goToAddress);
  }

  get time(): I64 {
    this.guard = readsTime;
    return timeWith(stepsLeft(this.#site));
  }

  /** Of the CSRs, sstatus alone comes here: what generated code can do of it. */
  csr(operation: CsrOperation, value: I64): I64 {
    const [old, change] = temporaries as [Local<I64>, Local<I64>];
    this.#temporaries = new Temporaries(2);
    this.guard = valueAfter(
      sequence(old.set(status), change.set(statusChange(operation, old.get, value))),
      isQuiet(change.get, pageAddress.get),
    );
    return valueAfter(changeStatus(change.get), old.get);
  }

  perform(): Statement {
    throw new Error('system instructions are not translated');
  }

  needsFloat(body: Statement): Statement {
    if (this.#site.floatIsOn) return body;
    return sequence(ifThen(i32.eqz(i32.load(zero, State.floatStatus)), this.#ways.leave), body);
  }

  readonly fcsr = fcsr;

  writeFcsr(value: I32): Statement {
    return sequence(
      i32.store(zero, value, State.fcsr),
      i32.store(zero, i32.constant(FloatStatus.dirty), State.floatStatus),
    );
  }

  get roundingMode(): I32 {
    const { rm = DYNAMIC } = this.#site.decoded.fields;
    if (rm !== DYNAMIC) return i32.constant(rm);
    return i32.and(i32.shrU(fcsr, i32.constant(5)), i32.constant(7));
  }

  readonly inexactAccrued = i32.and(fcsr, i32.constant(Flag.NX));

  float(mnemonic: string, way?: ShortWay): Statement {
    const { registers, decoded, bits } = this.#site;
    const ask = sequence(
      registers.spill(decoded.fields),
      save(this.#site),
      imports.float(i32.constant(floatOperationNumber(mnemonic)), i32.constant(bits)),
      branchIf(hasTrapped, this.#ways.stop),
      registers.fill(decoded.fields),
    );
    if (!way) return ask;
    return shortOrLong(way, ask);
  }

  get #target(): number {
    const { offset, decoded } = this.#site;
    return offset + (decoded.fields.imm ?? 0);
  }

  /** Sets `host` to naturally aligned memory that may be read and written. */
  #findWritable(size: 4 | 8, at: I64): Statement {
    this.guard = this.#site.look.aligned(at, size, Tlb.store);
    return host.set(hostAddress(Tlb.store));
  }
}

const valueOf = (locals: readonly (Local<I64> | undefined)[], register = 0): I64 =>
  locals[register]?.get ?? i64.constant(0);
