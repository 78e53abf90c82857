import type { Timebase } from '../clock';
import { State } from '../wasm/layout';
import { Exchange } from './exchange';
import type { LiveState } from './hart-state';

/** The block of memory in which the interpreter has the registers of one hart at a time. */
export class RegisterBlock {
  readonly bytes: Uint8Array;
  readonly exchange: Exchange;
  /** Whose registers are there. */
  holder: Registers | undefined;

  constructor(memory: Uint8Array) {
    this.bytes = memory.subarray(0, State.size);
    this.exchange = new Exchange(this.bytes);
  }
}

/** Integer and float registers, pc and run state of one hart: in the interpreter's block while it is the last that ran, else aside. */
export class Registers implements LiveState {
  readonly #block: RegisterBlock;
  readonly #live: DataView;
  readonly #aside = new DataView(new ArrayBuffer(State.size));

  constructor(block: RegisterBlock) {
    this.#block = block;
    this.#live = new DataView(block.bytes.buffer, block.bytes.byteOffset, State.size);
  }

  /**
   * Moves this hart's registers into the block. The hart that ran before loses its reservation: others may store from now on.
   */
  activate(): void {
    const { holder, bytes } = this.#block;
    if (holder === this) return;
    if (holder) {
      holder.reservation = 0;
      new Uint8Array(holder.#aside.buffer).set(bytes);
    }
    bytes.set(new Uint8Array(this.#aside.buffer));
    this.#block.holder = this;
  }

  get #view(): DataView {
    return this.#block.holder === this ? this.#live : this.#aside;
  }

  getX(index: number): bigint {
    return this.#view.getBigUint64(State.x + index * 8, true);
  }

  xHigh(index: number): number {
    return this.#view.getInt32(State.x + index * 8 + 4, true);
  }

  xLow(index: number): number {
    return this.#view.getInt32(State.x + index * 8, true);
  }

  setX(index: number, value: bigint): void {
    if (index !== 0) this.#view.setBigUint64(State.x + index * 8, value, true);
  }

  get pc(): bigint {
    return this.#view.getBigUint64(State.pc, true);
  }

  set pc(value: bigint) {
    this.#view.setBigUint64(State.pc, value, true);
  }

  get pcHigh(): number {
    return this.#view.getInt32(State.pc + 4, true);
  }

  get pcLow(): number {
    return this.#view.getInt32(State.pc, true);
  }

  /** Steps left to the interpreter; negative makes it return at once. */
  get budget(): number {
    return this.#view.getInt32(State.budget, true);
  }

  set budget(value: number) {
    this.#view.setInt32(State.budget, value, true);
  }

  /** Address of the translation slot in use. */
  get translation(): number {
    return this.#view.getInt32(State.translation, true);
  }

  set translation(slot: number) {
    this.#view.setInt32(State.translation, slot, true);
  }

  /** See `State.zeroesBlocks`. */
  set zeroesBlocks(allowed: boolean) {
    this.#view.setInt32(State.zeroesBlocks, allowed ? 1 : 0, true);
  }

  /** See `State.readsTime`. */
  set readsTime(allowed: boolean) {
    this.#view.setInt32(State.readsTime, allowed ? 1 : 0, true);
  }

  /** What `time` is, and that the budget begins now. */
  setTime({ ticks, offset, steps }: Timebase): void {
    this.#view.setUint32(State.ticks, ticks >>> 0, true);
    this.#view.setUint32(State.ticks + 4, Math.floor(ticks / 2 ** 32), true);
    this.#view.setBigUint64(State.timeOffset, offset, true);
    this.#view.setInt32(State.stepsAtZero, steps + this.budget, true);
  }

  /** See `State.ranOutAt`. */
  get ranOutAt(): number {
    return this.#view.getInt32(State.ranOutAt, true);
  }

  set ranOutAt(entry: number) {
    this.#view.setInt32(State.ranOutAt, entry, true);
  }

  /** See `State.mstatus`. */
  get mstatus(): number {
    return this.#view.getInt32(State.mstatus, true);
  }

  set mstatus(value: number) {
    this.#view.setInt32(State.mstatus, value, true);
  }

  /** See `State.quietStatus`. */
  set quietStatus(bits: number) {
    this.#view.setInt32(State.quietStatus, bits, true);
  }

  /** See `State.slots`. */
  setSlots(withoutSum: number, withSum: number): void {
    this.#view.setInt32(State.slots, withoutSum, true);
    this.#view.setInt32(State.slots + 4, withSum, true);
  }

  get knowsSlots(): boolean {
    return this.#view.getInt32(State.slots, true) !== 0 && this.#view.getInt32(State.slots + 4, true) !== 0;
  }

  /** See `State.arrivedAt`. */
  get arrivedAt(): number {
    return this.#view.getInt32(State.arrivedAt, true);
  }

  /** See `State.origin`; `undefined` if it is not known. */
  get origin(): { readonly pc: bigint; readonly entry: number; readonly leftAt: number } | undefined {
    const pc = this.#view.getBigUint64(State.origin, true);
    if (pc === 0n || (pc & 1n) === 1n) return undefined;
    const entry = this.#view.getInt32(State.originEntry, true);
    return { pc, entry, leftAt: this.#view.getInt32(State.leftAt, true) };
  }

  forgetOrigin(): void {
    this.#view.setInt32(State.origin, 0, true);
    this.#view.setInt32(State.origin + 4, 0, true);
  }

  /** See `State.callTop`. */
  get callTop(): number {
    return this.#view.getUint32(State.callTop, true);
  }

  set callTop(entry: number) {
    this.#view.setUint32(State.callTop, entry, true);
  }

  /** See `State.reservation`. */
  get reservation(): number {
    return this.#view.getUint32(State.reservation, true);
  }

  set reservation(value: number) {
    this.#view.setUint32(State.reservation, value, true);
  }

  /** f0 to f31, all 64 bits. */
  getF(index: number): bigint {
    return this.#view.getBigUint64(State.f + index * 8, true);
  }

  setF(index: number, value: bigint): void {
    this.#view.setBigUint64(State.f + index * 8, value, true);
  }

  get floatStatus(): number {
    return this.#view.getInt32(State.floatStatus, true);
  }

  set floatStatus(value: number) {
    this.#view.setInt32(State.floatStatus, value, true);
  }

  get fcsr(): number {
    return this.#view.getInt32(State.fcsr, true);
  }

  set fcsr(value: number) {
    this.#view.setInt32(State.fcsr, value, true);
  }

  /** All of it zero, as at reset. */
  clear(): void {
    new Uint8Array(this.#view.buffer, this.#view.byteOffset, State.size).fill(0);
  }

  /** Makes every float register a boxed zero. */
  boxSingles(): void {
    for (let index = 0; index < 32; index++) this.setF(index, 0xffff_ffff_0000_0000n);
  }

  /** pc, x1 to x31, the reservation and the floating-point state, for the digest. */
  values(): bigint[] {
    const x = Array.from({ length: 31 }, (_, index) => this.getX(index + 1));
    const f = Array.from({ length: 32 }, (_, index) => this.getF(index));
    return [this.pc, ...x, BigInt(this.reservation), ...f, BigInt(this.floatStatus), BigInt(this.fcsr)];
  }
}
