import type { MachineExit } from '../api';
import type { GuestMemory } from '../core/guest-memory';

/** What the host interface uses of the machine. */
interface HtifHost {
  readonly memory: GuestMemory;
  writeConsole(bytes: Uint8Array): void;
  /** The next byte of console input, if there is one. */
  readConsole(): number | undefined;
  end(exit: MachineExit): void;
}

/** Physical addresses of two words in RAM; without `fromhost` there are no replies. */
interface HtifWords {
  readonly tohost: number;
  readonly fromhost: number | undefined;
}

/** Devices: bits 63:56 of a request. */
const Device = { systemCalls: 0, console: 1 } as const;
/** Commands of the console: bits 55:48. */
const Console = { read: 0, write: 1 } as const;
const PAYLOAD_BITS = 48;

/** System call numbers are Linux's (asm-generic/unistd.h), errors too. */
const SystemCall = { write: 64, exit: 93 } as const;
const Errno = { badFile: 9n, fault: 14n, noSuchCall: 38n } as const;

/** A character arrived: in a reply to a read. */
const CHARACTER = 0x100n;

/**
 * Berkeley's host-target interface, as test programs and Spike speak it (riscv-isa-sim, fesvr/htif.cc, device.cc, syscall.cc): the guest
 * writes a request to the word `tohost`, the host takes it away by writing 0, and may reply in `fromhost`. Served are
 * the end of a program, the console, and the system calls `write` and `exit`. Looked at between turns of the harts.
 */
export class Htif {
  private readonly words: HtifWords;
  private readonly host: HtifHost;
  /** The guest has asked for a character and there was none. */
  private reading = false;

  constructor(words: HtifWords, host: HtifHost) {
    this.words = words;
    this.host = host;
  }

  /** Takes one request, if there is one and what was replied before has been fetched. */
  poll(): void {
    if (this.words.fromhost !== undefined && this.load(this.words.fromhost) !== 0n) return;
    if (this.reading) this.offerCharacter();
    const request = this.load(this.words.tohost);
    if (request === undefined || request === 0n) return;
    this.store(this.words.tohost, 0n);
    const device = Number(request >> 56n);
    const command = Number((request >> BigInt(PAYLOAD_BITS)) & 0xffn);
    const payload = BigInt.asUintN(PAYLOAD_BITS, request);
    if (device === Device.systemCalls && command === 0) this.callOrEnd(payload);
    if (device === Device.console && command === Console.write) {
      this.host.writeConsole(Uint8Array.of(Number(payload & 0xffn)));
    }
    if (device === Device.console && command === Console.read) {
      this.reading = true;
      this.offerCharacter();
    }
  }

  state(): readonly number[] {
    return [Number(this.reading)];
  }

  /** An odd payload ends the program with the code in its other bits; an even one is the address of a system call's words. */
  private callOrEnd(payload: bigint): void {
    if (payload & 1n) {
      this.end(payload >> 1n);
      return;
    }
    const address = Number(payload);
    const words = this.host.memory.read(address, 8 * 4);
    if (words === undefined) return;
    const [number = 0n, ...args] = new BigUint64Array(words.buffer);
    if (number === BigInt(SystemCall.exit)) {
      this.end(args[0]!);
      return;
    }
    const result = number === BigInt(SystemCall.write) ? this.write(args) : -Errno.noSuchCall;
    this.store(address, result);
    this.reply(Device.systemCalls, 0, 1n);
  }

  /** To standard output and standard error alone. */
  private write([file, buffer, length]: readonly bigint[]): bigint {
    if (file !== 1n && file !== 2n) return -Errno.badFile;
    const most = BigInt(this.host.memory.size);
    if (buffer! >= 1n << BigInt(PAYLOAD_BITS) || length! > most) return -Errno.fault;
    const bytes = this.host.memory.read(Number(buffer), Number(length));
    if (bytes === undefined) return -Errno.fault;
    this.host.writeConsole(bytes);
    return length!;
  }

  private offerCharacter(): void {
    const byte = this.host.readConsole();
    if (byte === undefined) return;
    this.reading = false;
    this.reply(Device.console, Console.read, CHARACTER | BigInt(byte));
  }

  private reply(device: number, command: number, payload: bigint): void {
    if (this.words.fromhost === undefined) return;
    this.store(this.words.fromhost, (BigInt(device) << 56n) | (BigInt(command) << 48n) | payload);
  }

  private end(code: bigint): void {
    // A failure must not look like success for want of bits.
    const exact = code <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(code) : Number.MAX_SAFE_INTEGER;
    this.host.end({ kind: 'htif', code: exact });
  }

  private load(address: number): bigint | undefined {
    const bytes = this.host.memory.read(address, 8);
    return bytes && new DataView(bytes.buffer).getBigUint64(0, true);
  }

  private store(address: number, value: bigint): void {
    this.host.memory.write(address, new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, value)).buffer));
  }
}
