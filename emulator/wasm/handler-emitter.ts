import { DYNAMIC, Flag } from '../float/rounding';
import { CACHE_BLOCK } from '../isa/cache-block';
import type {
  AccessSize,
  CsrOperation,
  Emitter,
  LoadKind,
  ShortWay,
  SystemOperation,
} from '../isa/semantics';
import type { I32, I64, Statement } from './expression';
import {
  branchTo,
  i32,
  i64,
  ifElse,
  ifThen,
  nothing,
  returnFromFunction,
  sequence,
  valueAfter,
} from './expression';
import type { Continuations } from './frame';
import { address, budget, delta, entry, host, moveTo, noPage, pc, save, translation, zero } from './frame';
import { recordCall, recordReturn } from './call-recording';
import { csrOperations, floatOperationNumber, imports, loadKinds, systemOperations } from './imports';
import { Entry, FloatStatus, State, Tlb } from './layout';
import { changeStatus, isQuiet, namesStatus, status, statusChange } from './status';
import { Temporaries } from './temporaries';
import { readsTime, timeWith } from './time';
import { shortOrLong } from './short-way';
import { hitAligned, hitPage, hitWithin, hostAddress, loads, reservationOf, stores } from './memory-access';

const operand = (offset: number): I32 => i32.load16U(entry.get, offset);
const register = (offset: number): I64 => i64.load(operand(offset), State.x);
const floatRegister = (offset: number): I64 => i64.load(operand(offset), State.f);
const rawImmediate: I32 = i32.load(entry.get, Entry.immediate);
const instructionBits: I32 = i32.load(entry.get, Entry.bits);
const fcsr: I32 = i32.load(zero, State.fcsr);

/** After a call that can trap or end the run: takes over the steps left, returns if it trapped. */
const resume: Statement = sequence(
  budget.set(i32.load(zero, State.budget)),
  ifThen(i32.ltS(budget.get, zero), returnFromFunction),
);

/** The semantics' vocabulary for instructions that take their operands from a decoded entry. */
export class HandlerEmitter implements Emitter {
  readonly rs1 = register(Entry.rs1);
  readonly rs2 = register(Entry.rs2);
  readonly frs1 = floatRegister(Entry.rs1);
  readonly frs2 = floatRegister(Entry.rs2);
  /** Its number is in the topmost five bits of the instruction. */
  readonly frs3 = i64.load(
    i32.and(i32.shrU(instructionBits, i32.constant(24)), i32.constant(31 * 8)),
    State.f,
  );
  readonly imm = i64.load32S(entry.get, Entry.immediate);
  /** The zimm field stands where rs1 does. */
  readonly zimm = i64.zeroExtend32(i32.and(i32.shrU(instructionBits, i32.constant(15)), i32.constant(31)));
  readonly pc = pc;
  readonly nextPc: I64;
  readonly #length: 2 | 4;
  readonly #far: boolean;
  readonly #continue: Continuations;
  readonly #temporaries = new Temporaries();

  /** @param far branches leave the page: their immediate is in bytes, not in entries. */
  constructor(length: 2 | 4, far: boolean, continuations: Continuations) {
    this.nextPc = i64.add(pc, i64.constant(length));
    this.#length = length;
    this.#far = far;
    this.#continue = continuations;
  }

  /** Continues with the instruction after this one. */
  get fallThrough(): Statement {
    return sequence(
      moveTo(i32.add(entry.get, i32.constant((this.#length / 2) * Entry.size))),
      branchTo(this.#continue.next),
    );
  }

  writeRd(value: I64): Statement {
    return i64.store(operand(Entry.rd), value, State.x);
  }

  writeFrd(value: I64): Statement {
    return sequence(
      i64.store(operand(Entry.rd), value, State.f),
      i32.store(zero, i32.constant(FloatStatus.dirty), State.floatStatus),
    );
  }

  bind(value: I64, use: (value: I64) => I64): I64 {
    return this.#temporaries.bind(value, use);
  }

  load(kind: LoadKind, at: I64): I64 {
    const { size, load } = loads[kind];
    const slow = imports.load(address.get, i32.constant(loadKinds.indexOf(kind)));
    return i64.choose(
      hitWithin(at, size, Tlb.load),
      load(hostAddress(Tlb.load)),
      this.bind(valueAfter(save, slow), (value) => valueAfter(resume, value)),
    );
  }

  store(size: AccessSize, at: I64, value: I64): Statement {
    return ifElse(
      hitWithin(at, size, Tlb.store),
      stores[size](hostAddress(Tlb.store), value),
      sequence(save, imports.store(address.get, value, i32.constant(size)), resume),
    );
  }

  atomicUpdate(size: 4 | 8, at: I64, update: (old: I64) => I64): I64 {
    const load = size === 4 ? i64.load32S : i64.load;
    return this.bind(valueAfter(findWritable(size, at, imports.atomic), load(host.get)), (old) =>
      valueAfter(stores[size](host.get, update(old)), old),
    );
  }

  loadReserved(size: 4 | 8, at: I64): I64 {
    const find = findAligned(size, at, Tlb.load, imports.reserve);
    const reserve = i32.store(zero, reservationOf(size), State.reservation);
    const load = size === 4 ? i64.load32S : i64.load;
    return valueAfter(sequence(find, reserve), load(host.get));
  }

  storeConditional(size: 4 | 8, at: I64, value: I64): I64 {
    const held = i32.eq(i32.load(zero, State.reservation), reservationOf(size));
    const store = sequence(stores[size](host.get, value), i32.store(zero, zero, State.reservation));
    return valueAfter(
      findWritable(size, at, imports.conditional),
      i64.choose(
        held,
        valueAfter(store, i64.constant(0)),
        valueAfter(i32.store(zero, zero, State.reservation), i64.constant(1)),
      ),
    );
  }

  zeroBlock(at: I64): Statement {
    const start = i64.and(at, i64.constant(-CACHE_BLOCK));
    const offsets = Array.from({ length: CACHE_BLOCK / 8 }, (_, index) => index * 8);
    return ifElse(
      i32.and(hitPage(start, Tlb.store), i32.load(zero, State.zeroesBlocks)),
      sequence(
        host.set(hostAddress(Tlb.store)),
        ...offsets.map((offset) => i64.store(host.get, i64.constant(0), offset)),
      ),
      this.perform('cbo.zero'),
    );
  }

  branch(condition: I32): Statement {
    return ifThen(condition, this.#goRelative(nothing));
  }

  jumpRelative(link: Statement): Statement {
    const { recordsCalls } = this.#continue;
    return this.#goRelative(recordsCalls ? sequence(recordCall(this.nextPc), link) : link);
  }

  jump(target: I64, link: Statement): Statement {
    const { recordsCalls } = this.#continue;
    return this.#goTo(target, recordsCalls ? sequence(recordReturn, recordCall(this.nextPc), link) : link);
  }

  #goRelative(link: Statement): Statement {
    if (this.#far) return this.#goTo(i64.add(pc, this.imm), link);
    return sequence(link, moveTo(i32.add(entry.get, rawImmediate)), branchTo(this.#continue.next));
  }

  /** `link` comes when nothing can trap any more. */
  #goTo(target: I64, link: Statement): Statement {
    const misaligned = i32.and(i32.wrap(address.get), i32.constant(2));
    const check = ifThen(misaligned, save, imports.misaligned(address.get), returnFromFunction);
    return sequence(
      address.set(target),
      this.#continue.compressed ? nothing : check,
      link,
      branchTo(this.#continue.jump),
    );
  }

  csr(operation: CsrOperation, value: I64): I64 {
    return this.bind(status, (old) =>
      this.bind(statusChange(operation, old, value), (change) =>
        i64.choose(
          i32.choose(namesStatus(instructionBits), isQuiet(change, pc), zero),
          valueAfter(changeStatus(change), old),
          this.#anyCsr(operation, value),
        ),
      ),
    );
  }

  #anyCsr(operation: CsrOperation, value: I64): I64 {
    const result = imports.csr(i32.constant(csrOperations.indexOf(operation)), instructionBits, value);
    return this.bind(valueAfter(save, result), (old) => valueAfter(resume, old));
  }

  get time(): I64 {
    return i64.choose(readsTime, timeWith(budget.get), this.#anyCsr('set', i64.constant(0)));
  }

  perform(operation: SystemOperation): Statement {
    const number = i32.constant(systemOperations.indexOf(operation));
    const perform = sequence(save, imports.perform(number, instructionBits), resume);
    return operation === 'sfence.vma' ? sequence(perform, this.#continueAnew) : perform;
  }

  /** Continues with the next instruction as translated from now on. */
  get #continueAnew(): Statement {
    return sequence(
      translation.set(i32.load(zero, State.translation)),
      address.set(this.nextPc),
      delta.set(noPage),
      branchTo(this.#continue.jump),
    );
  }

  needsFloat(body: Statement): Statement {
    return sequence(ifThen(i32.eqz(i32.load(zero, State.floatStatus)), this.perform('illegal')), body);
  }

  readonly fcsr = fcsr;

  writeFcsr(value: I32): Statement {
    return sequence(
      i32.store(zero, value, State.fcsr),
      i32.store(zero, i32.constant(FloatStatus.dirty), State.floatStatus),
    );
  }

  get roundingMode(): I32 {
    const field = i32.and(i32.shrU(instructionBits, i32.constant(12)), i32.constant(7));
    const frm = i32.and(i32.shrU(fcsr, i32.constant(5)), i32.constant(7));
    return i32.choose(i32.eq(field, i32.constant(DYNAMIC)), frm, field);
  }

  readonly inexactAccrued = i32.and(fcsr, i32.constant(Flag.NX));

  float(mnemonic: string, way?: ShortWay): Statement {
    const number = i32.constant(floatOperationNumber(mnemonic));
    const ask = sequence(save, imports.float(number, instructionBits), resume);
    if (!way) return ask;
    return shortOrLong(way, ask);
  }
}

type FindHost = (address: I64, size: I32) => I32;

/** Sets `host` to naturally aligned memory. */
const findAligned = (
  size: 4 | 8,
  at: I64,
  buffer: typeof Tlb.load | typeof Tlb.store,
  find: FindHost,
): Statement =>
  ifElse(
    hitAligned(at, size, buffer),
    host.set(hostAddress(buffer)),
    sequence(save, host.set(find(address.get, i32.constant(size))), resume),
  );

/** Sets `host` to memory that may be read and written. */
const findWritable = (size: 4 | 8, at: I64, find: FindHost): Statement =>
  findAligned(size, at, Tlb.store, find);
