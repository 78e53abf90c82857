import { Privilege } from '../api';
import { guest } from '../guest.test-support';
import { csrNumber } from '../isa/csr-names';
import type { BoardForHart } from './api';
import { Core } from './core';
import { RAM_BASE } from './guest-memory';
import { Hart } from './hart';

/** A board without devices whose time stands still. */
const emptyBoard: BoardForHart = {
  readDevice: () => undefined,
  writeDevice: () => false,
  time: () => ({ ticks: 0, offset: 0n, steps: 0 }),
  environmentCall: () => false,
};

/** One hart with 1 MiB of RAM, in M-mode at the start of RAM. */
export class TestHart {
  readonly core: Core;
  readonly hart: Hart;

  constructor(board: Partial<BoardForHart> = {}, core = new Core(1 << 20), id = 0) {
    this.core = core;
    this.hart = new Hart(id, this.core, { ...emptyBoard, ...board });
    this.hart.start(BigInt(RAM_BASE), Privilege.machine, 0n, 0n);
  }

  /** Assembles a program to an address; gives the addresses of its labels. */
  load(source: string, address = RAM_BASE): ReadonlyMap<string, bigint> {
    const { image, labels } = guest(source, address);
    for (const segment of image.segments) this.core.memory.write(segment.address, segment.data);
    return labels;
  }

  /** Runs so many steps. */
  step(count = 1): void {
    this.hart.run(count);
  }

  write64(address: number, ...values: readonly bigint[]): void {
    this.core.memory.write(address, new Uint8Array(BigUint64Array.from(values).buffer));
  }

  read64(address: number): bigint {
    return new DataView(this.core.memory.read(address, 8)!.buffer).getBigUint64(0, true);
  }

  csr(name: string): bigint {
    return this.hart.getCsr(csrNumber(name)!)!;
  }

  setCsr(name: string, value: bigint): void {
    this.hart.setCsr(csrNumber(name)!, value);
  }

  /** Goes to an address with another privilege, as `mret` would. */
  enter(privilege: Privilege, pc: bigint): void {
    const previous = privilege << 11;
    this.setCsr('mstatus', (this.csr('mstatus') & ~0x1800n) | BigInt(previous));
    this.setCsr('mepc', pc);
    const { hart } = this;
    const mret = RAM_BASE + 0xff000;
    this.load('mret', mret);
    hart.pc = BigInt(mret);
    hart.run(1);
  }
}
