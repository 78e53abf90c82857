import { MemoryMap } from '../memory-map';
import type { AccessSize, BusDevice } from './bus';

/** Register offsets (National PC16550D data sheet, table II); two of them change their meaning with LCR.DLAB. */
const RBR_THR_DLL = 0;
const IER_DLM = 1;
const IIR_FCR = 2;
const LCR = 3;
const MCR = 4;
const LSR = 5;
const MSR = 6;
const SCR = 7;

const Ier = { receive: 1, transmit: 2, lineStatus: 4, modemStatus: 8 } as const;
/** Interrupt identification in priority order: line status, receive, timeout, transmit, modem status. */
const Iir = {
  none: 0x01,
  lineStatus: 0x06,
  receive: 0x04,
  timeout: 0x0c,
  transmit: 0x02,
  modemStatus: 0x00,
  fifos: 0xc0,
} as const;
const Fcr = { enable: 1, clearReceive: 2 } as const;
const Mcr = { dtr: 1, rts: 2, out1: 4, out2: 8, loop: 0x10, all: 0x1f } as const;
const Lsr = { dataReady: 1, overrun: 2, transmitEmpty: 0x60 } as const;
const Msr = { deltas: 0x0f, cts: 0x10, dsr: 0x20, ri: 0x40, dcd: 0x80 } as const;
const LCR_DLAB = 0x80;

const FIFO_SIZE = 16;
const TRIGGER_LEVELS = [1, 4, 8, 14] as const;

/** What the UART is wired to. */
interface UartHost {
  setInterrupt(level: boolean): void;
  transmit(byte: number): void;
}

/**
 * A 16550A. Sending takes no time: the transmitter is always empty. Console input waits outside while the receive FIFO is
 * full, so nothing is ever lost. What is below the trigger level has the FIFO's timeout interrupt at once,
 * because input comes in one piece and then the line is quiet.
 */
export class Uart16550 implements BusDevice {
  readonly name = 'uart';
  readonly base = MemoryMap.uart.base;
  readonly size = MemoryMap.uart.size;
  readonly accessSizes = [1, 2, 4, 8] as const;
  private readonly host: UartHost;
  private readonly fifo: number[] = [];
  /** Console input that found no room yet. */
  private backlog: number[] = [];
  private divisor = 0x000c;
  private ier = 0;
  private fcr = 0;
  private lcr = 0;
  private mcr = Mcr.out2 as number;
  private scratch = 0;
  private overrun = false;
  private msrDeltas = 0;
  /** The transmit interrupt is a latch: set when the holding register runs empty, cleared by reading it in IIR. */
  private transmitLatch = false;

  constructor(host: UartHost) {
    this.host = host;
  }

  /** Bytes typed at the console. */
  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.backlog.push(byte);
    this.refill();
  }

  /** A byte taken as firmware would: by polling LSR and reading RBR. */
  poll(): number | undefined {
    return this.fifo.length > 0 ? this.readRegister(RBR_THR_DLL, false) : undefined;
  }

  /** Registers are one byte wide; a wider access sees the byte of its address, as on QEMU. */
  read(_hart: number, offset: number): bigint {
    return BigInt(this.readRegister(offset, this.divisorLatch));
  }

  write(_hart: number, offset: number, _size: AccessSize, value: bigint): void {
    this.writeRegister(offset, Number(value & 0xffn), this.divisorLatch);
    this.refill();
  }

  state(): readonly number[] {
    return [
      this.divisor,
      this.ier,
      this.fcr,
      this.lcr,
      this.mcr,
      this.scratch,
      Number(this.overrun),
      this.msrDeltas,
      Number(this.transmitLatch),
      this.fifo.length,
      ...this.fifo,
      ...this.backlog,
    ];
  }

  private get divisorLatch(): boolean {
    return (this.lcr & LCR_DLAB) !== 0;
  }

  private readRegister(offset: number, divisorLatch: boolean): number {
    switch (offset) {
      case RBR_THR_DLL: {
        if (divisorLatch) return this.divisor & 0xff;
        const byte = this.fifo.shift() ?? 0;
        this.refill();
        return byte;
      }
      case IER_DLM:
        return divisorLatch ? this.divisor >> 8 : this.ier;
      case IIR_FCR: {
        const source = this.interruptSource();
        if (source === Iir.transmit) this.transmitLatch = false;
        this.updateInterrupt();
        return source | (this.fifosEnabled ? Iir.fifos : 0);
      }
      case LCR:
        return this.lcr;
      case MCR:
        return this.mcr;
      case LSR: {
        const status =
          Lsr.transmitEmpty | (this.fifo.length > 0 ? Lsr.dataReady : 0) | (this.overrun ? Lsr.overrun : 0);
        this.overrun = false;
        this.updateInterrupt();
        return status;
      }
      case MSR: {
        const status = this.modemLines() | this.msrDeltas;
        this.msrDeltas = 0;
        this.updateInterrupt();
        return status;
      }
      case SCR:
        return this.scratch;
      default:
        return 0;
    }
  }

  private writeRegister(offset: number, value: number, divisorLatch: boolean): void {
    switch (offset) {
      case RBR_THR_DLL:
        if (divisorLatch) this.divisor = (this.divisor & 0xff00) | value;
        else this.transmit(value);
        break;
      case IER_DLM:
        if (divisorLatch) {
          this.divisor = (this.divisor & 0xff) | (value << 8);
        } else {
          // Enabling the transmit interrupt while the holding register is empty raises it (drivers probe for this).
          if (value & Ier.transmit && !(this.ier & Ier.transmit)) this.transmitLatch = true;
          this.ier = value & 0x0f;
        }
        break;
      case IIR_FCR:
        // Changing the enable bit empties the FIFOs.
        if (value & Fcr.clearReceive || (value ^ this.fcr) & Fcr.enable) this.fifo.length = 0;
        this.fcr = value & Fcr.enable ? value & 0xc1 : 0;
        break;
      case LCR:
        this.lcr = value;
        break;
      case MCR:
        this.setModemControl(value & Mcr.all);
        break;
      case SCR:
        this.scratch = value;
        break;
    }
  }

  private get fifosEnabled(): boolean {
    return (this.fcr & Fcr.enable) !== 0;
  }

  private get capacity(): number {
    return this.fifosEnabled ? FIFO_SIZE : 1;
  }

  private transmit(byte: number): void {
    if (this.mcr & Mcr.loop) {
      if (this.fifo.length < this.capacity) this.fifo.push(byte);
      else this.overrun = true;
    } else {
      this.host.transmit(byte);
    }
    this.transmitLatch = true;
  }

  /** In loopback the receiver is cut off from the line. */
  private refill(): void {
    if (!(this.mcr & Mcr.loop) && this.backlog.length > 0) {
      const room = this.capacity - this.fifo.length;
      if (room > 0) this.fifo.push(...this.backlog.splice(0, room));
    }
    this.updateInterrupt();
  }

  private setModemControl(value: number): void {
    const before = this.modemLines();
    this.mcr = value;
    const after = this.modemLines();
    const changed = before ^ after;
    // Deltas are the lines' bits shifted down; the one of RI is for its trailing edge only.
    this.msrDeltas |= ((changed & ~Msr.ri) | (changed & before & Msr.ri)) >> 4;
  }

  /** The upper half of MSR: a peer that is always there, or MCR's own outputs in loopback. */
  private modemLines(): number {
    if (!(this.mcr & Mcr.loop)) return Msr.cts | Msr.dsr | Msr.dcd;
    return (
      (this.mcr & Mcr.rts ? Msr.cts : 0) |
      (this.mcr & Mcr.dtr ? Msr.dsr : 0) |
      (this.mcr & Mcr.out1 ? Msr.ri : 0) |
      (this.mcr & Mcr.out2 ? Msr.dcd : 0)
    );
  }

  private interruptSource(): number {
    if (this.ier & Ier.lineStatus && this.overrun) return Iir.lineStatus;
    if (this.ier & Ier.receive && this.fifo.length > 0) {
      const trigger = this.fifosEnabled ? TRIGGER_LEVELS[(this.fcr >> 6) as 0 | 1 | 2 | 3] : 1;
      return this.fifo.length >= trigger ? Iir.receive : Iir.timeout;
    }
    if (this.ier & Ier.transmit && this.transmitLatch) return Iir.transmit;
    if (this.ier & Ier.modemStatus && this.msrDeltas & Msr.deltas) return Iir.modemStatus;
    return Iir.none;
  }

  private updateInterrupt(): void {
    this.host.setInterrupt(this.interruptSource() !== Iir.none);
  }
}
