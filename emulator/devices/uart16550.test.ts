import assert from 'node:assert/strict';
import { Uart16550 } from './uart16550';

const [RBR, THR, DLL, IER, DLM, IIR, FCR, LCR, MCR, LSR, MSR, SCR] = [0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7];

class Bench {
  sent = '';
  interrupt = false;
  readonly uart = new Uart16550({
    setInterrupt: (level) => (this.interrupt = level),
    transmit: (byte) => (this.sent += String.fromCharCode(byte)),
  });

  read(register: number): number {
    return Number(this.uart.read(0, register));
  }

  write(register: number, value: number): void {
    this.uart.write(0, register, 1, BigInt(value));
  }

  type(text: string): void {
    this.uart.receive(new TextEncoder().encode(text));
  }

  readText(): string {
    let text = '';
    while (this.read(LSR) & 1) text += String.fromCharCode(this.read(RBR));
    return text;
  }
}

describe('16550 UART', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });

  it('sends at once and is always ready for more', () => {
    for (const char of 'hello') bench.write(THR, char.charCodeAt(0));
    assert.equal(bench.sent, 'hello');
    assert.equal(bench.read(LSR), 0x60);
  });

  it('has the divisor behind DLAB, apart from the registers at the same offsets', () => {
    bench.write(IER, 0x05);
    bench.write(LCR, 0x83);
    bench.write(DLL, 0x34);
    bench.write(DLM, 0x12);
    assert.deepEqual([bench.read(DLL), bench.read(DLM)], [0x34, 0x12]);
    bench.write(LCR, 0x03);
    assert.equal(bench.read(IER), 0x05);
    assert.equal(bench.sent, '');
    assert.equal(bench.read(LCR), 0x03);
  });

  it('keeps a scratch byte, and only the bits of IER and MCR that exist', () => {
    bench.write(SCR, 0xa5);
    bench.write(IER, 0xff);
    bench.write(MCR, 0xef);
    assert.deepEqual([bench.read(SCR), bench.read(IER), bench.read(MCR)], [0xa5, 0x0f, 0x0f]);
  });

  it('receives one byte without FIFOs and sixteen with them, and loses none of the rest', () => {
    const text = 'the quick brown fox jumps over the lazy dog';
    bench.type(text);
    assert.equal(bench.readText(), text);
    bench.write(FCR, 0x01);
    assert.equal(bench.read(IIR), 0xc1);
    bench.type(text);
    assert.equal(bench.readText(), text);
    assert.equal(bench.read(LSR), 0x60);
  });

  it('interrupts for received data until it is read', () => {
    bench.write(IER, 1);
    assert.equal(bench.interrupt, false);
    bench.type('x');
    assert.equal(bench.interrupt, true);
    assert.equal(bench.read(IIR), 0x04);
    assert.equal(bench.interrupt, true, 'identifying does not acknowledge');
    bench.read(RBR);
    assert.equal(bench.interrupt, false);
    assert.equal(bench.read(IIR), 0x01);
  });

  it('identifies data at the trigger level as received, below it as a timeout', () => {
    bench.write(FCR, 0x81);
    bench.write(IER, 1);
    bench.type('1234567');
    assert.equal(bench.read(IIR), 0xcc);
    bench.type('8');
    assert.equal(bench.read(IIR), 0xc4);
    bench.read(RBR);
    assert.equal(bench.read(IIR), 0xcc);
  });

  it('raises the transmit interrupt when enabled, clears it when identified, raises it after each byte', () => {
    bench.write(IER, 2);
    assert.equal(bench.interrupt, true);
    assert.equal(bench.read(IIR), 0x02);
    assert.equal(bench.interrupt, false);
    assert.equal(bench.read(IIR), 0x01);
    bench.write(THR, 0x41);
    assert.equal(bench.read(IIR), 0x02);
    bench.write(IER, 0);
    bench.write(IER, 2);
    assert.equal(bench.read(IIR), 0x02);
  });

  it('ranks line status over receive over transmit over modem status', () => {
    bench.write(MCR, 0x10);
    bench.write(THR, 0x41);
    bench.write(THR, 0x42); // No room without FIFOs: an overrun.
    bench.write(MCR, 0x12);
    bench.write(IER, 0x0f);
    assert.equal(bench.read(IIR), 0x06);
    assert.equal(bench.read(LSR), 0x63);
    assert.equal(bench.read(LSR), 0x61, 'reading LSR clears the overrun');
    assert.equal(bench.read(IIR), 0x04);
    assert.equal(bench.read(RBR), 0x41);
    assert.equal(bench.read(IIR), 0x02);
    assert.equal(bench.read(IIR), 0x00);
    bench.read(MSR);
    assert.equal(bench.read(IIR), 0x01);
    assert.equal(bench.interrupt, false);
  });

  it('loops bytes and modem outputs back, and keeps console input outside meanwhile', () => {
    assert.equal(bench.read(MSR) & 0xf0, 0xb0);
    bench.write(FCR, 0x01);
    bench.write(MCR, 0x1a); // Loopback with OUT2 and RTS, as Linux's 8250 driver probes.
    assert.equal(bench.read(MSR) & 0xf0, 0x90);
    bench.type('outside');
    bench.write(THR, 0x55);
    assert.equal(bench.readText(), 'U');
    assert.equal(bench.sent, '');
    bench.write(MCR, 0x0b);
    assert.equal(bench.readText(), 'outside');
  });

  it('reports changes of the modem lines once, that of RI at its trailing edge only', () => {
    bench.write(MCR, 0x10);
    bench.read(MSR);
    bench.write(MCR, 0x16); // RTS and OUT1 on.
    assert.equal(bench.read(MSR), 0x51);
    assert.equal(bench.read(MSR), 0x50);
    bench.write(MCR, 0x10);
    assert.equal(bench.read(MSR), 0x05);
  });

  it('empties the receive FIFO on request and when FIFOs are switched', () => {
    bench.write(FCR, 0x01);
    bench.type('abc');
    bench.write(FCR, 0x03);
    assert.equal(bench.readText(), '');
    bench.type('abc');
    bench.write(FCR, 0x00);
    assert.equal(bench.readText(), '');
  });

  it('serves wide accesses with the byte at their address and knows no register beyond the eighth', () => {
    bench.uart.write(0, THR, 4, 0x12345641n);
    assert.equal(bench.sent, 'A');
    assert.equal(bench.uart.read(0, LSR), 0x60n);
    assert.equal(bench.uart.read(0, 0x20), 0n);
    bench.write(0x20, 0xff);
  });
});
