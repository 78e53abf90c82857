/** A hart of the emulator as a debugger's target shows it. */
import type {
  CallChain as MachineChain,
  HartView,
  MachineApi,
  Privilege as MachinePrivilege,
  TrapRecord,
} from '../../emulator/api';
import type { CallChain, Privilege, TargetHart, Trap } from './target';

/** There is one on harts with float registers. */
const FCSR = 0x003;

const pageSize = 4096;
const addressSpace = 1n << 64n;

const privileges: Readonly<Record<MachinePrivilege, Privilege>> = {
  0: 'user',
  1: 'supervisor',
  3: 'machine',
};

export function toTrap(trap: TrapRecord): Trap {
  return { ...trap, from: privileges[trap.from], to: privileges[trap.to] };
}

export function toChain(chain: MachineChain | undefined): CallChain | undefined {
  if (!chain) return undefined;
  const { transfers, origin } = chain;
  return {
    transfers: transfers.map((transfer) =>
      transfer.kind === 'trap' ? { ...transfer, trap: toTrap(transfer.trap) } : transfer,
    ),
    origin: origin.kind === 'user' ? { ...origin, trap: toTrap(origin.trap) } : origin,
  };
}

export class EmulatorHart implements TargetHart {
  readonly #machine: MachineApi;
  readonly #hart: HartView;
  /** The last trap as it was asked for: the machine makes a record for each, which is told by its identity. */
  #seen: { readonly record: TrapRecord; readonly trap: Trap } | undefined;

  constructor(machine: MachineApi, hart: HartView) {
    this.#machine = machine;
    this.#hart = hart;
  }

  get index(): number {
    return this.#hart.id;
  }

  get state(): TargetHart['state'] {
    return this.#hart.state;
  }

  get privilege(): Privilege {
    return privileges[this.#hart.privilege];
  }

  get bare(): boolean {
    return this.#hart.bare;
  }

  get svnapot(): boolean {
    return this.#hart.svnapot;
  }

  get lastTrap(): Trap | undefined {
    const record = this.#hart.lastTrap;
    if (!record) return undefined;
    if (this.#seen?.record !== record) this.#seen = { record, trap: toTrap(record) };
    return this.#seen.trap;
  }

  get callChain(): CallChain | undefined {
    return toChain(this.#hart.callChain);
  }

  get pc(): bigint {
    return this.#hart.pc;
  }

  set pc(value: bigint) {
    this.#hart.pc = value;
  }

  getX(index: number): bigint {
    return this.#hart.getX(index);
  }

  setX(index: number, value: bigint): void {
    this.#hart.setX(index, value);
  }

  getF(index: number): bigint | undefined {
    return this.#hart.getCsr(FCSR) === undefined ? undefined : this.#hart.getF(index);
  }

  setF(index: number, value: bigint): void {
    this.#hart.setF(index, value);
  }

  getCsr(address: number): bigint | undefined {
    return this.#hart.getCsr(address);
  }

  setCsr(address: number, value: bigint): boolean {
    return this.#hart.setCsr(address, value);
  }

  readMemory(address: bigint, length: number): Uint8Array {
    const result = new Uint8Array(length);
    const read = this.#eachPage(address, length, (physical, from, to) => {
      const bytes = this.#machine.viewPhysical(physical, to - from);
      if (bytes) result.set(bytes, from);
      return bytes !== undefined;
    });
    return result.subarray(0, read);
  }

  viewPage(start: bigint): Uint8Array | undefined {
    const physical = start >= 0n && start < addressSpace ? this.#hart.translate(start) : undefined;
    return physical === undefined ? undefined : this.#machine.viewPhysical(physical, pageSize);
  }

  writeMemory(address: bigint, data: Uint8Array): number {
    return this.#eachPage(address, data.length, (physical, from, to) =>
      this.#machine.writePhysical(physical, data.subarray(from, to)),
    );
  }

  /**
   * Visits a virtual range page by page with the physical address of each part, as byte offsets `[from, to)` into the
   * range, until a page is not mapped or `visit` fails. Returns the bytes visited; a range never wraps around 2^64.
   */
  #eachPage(
    address: bigint,
    length: number,
    visit: (physical: number, from: number, to: number) => boolean,
  ): number {
    let done = 0;
    while (done < length) {
      const at = address + BigInt(done);
      if (at >= addressSpace) break;
      const inPage = pageSize - Number(at % BigInt(pageSize));
      const to = Math.min(length, done + inPage);
      const physical = this.#hart.translate(at);
      if (physical === undefined || !visit(physical, done, to)) break;
      done = to;
    }
    return done;
  }
}
