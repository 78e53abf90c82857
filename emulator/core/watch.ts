import type { CsrWatchpoint, MemoryWatchpoint, Watchpoint } from '../api';
import type { GuestMemory, Writer } from './guest-memory';
import { PAGE_SIZE } from './guest-memory';
import { SSTATUS } from '../wasm/status';
import { WatchHits } from './watch-hits';
import { WatchMaps } from './watch-maps';
import { WatchedRanges } from './watched-ranges';

const FFLAGS = 1;
const FCSR = 3;
const MSTATUS = 0x300;
/** Bytes of an ecall, behind which the pc stands while firmware serves it. */
const ECALL = 4n;

/** The hart that runs, as far as accesses are concerned that others make on its behalf. */
export interface Initiator {
  readonly id: number;
  readonly pc: bigint;
  /** Comes back after the instruction at hand. */
  comeBack(): void;
}

/** The watchpoints of a machine, and what was accessed. */
export class Watch {
  readonly ranges = new WatchedRanges();
  readonly maps: WatchMaps;
  readonly hits: WatchHits;
  csrs: readonly CsrWatchpoint[] = [];
  #watchesStatus = false;
  #watchesFloat = false;
  readonly #memory: GuestMemory;
  readonly #initiator: () => Initiator | undefined;

  /** @param initiator `undefined` while no hart runs */
  constructor(memory: GuestMemory, initiator: () => Initiator | undefined) {
    this.#memory = memory;
    this.#initiator = initiator;
    this.maps = new WatchMaps(memory.bytes, this.ranges);
    this.hits = new WatchHits(memory);
  }

  replace(watchpoints: Iterable<Watchpoint>): void {
    const all = [...watchpoints];
    this.ranges.replace(all.filter((one): one is MemoryWatchpoint => one.kind === 'memory'));
    this.csrs = all.filter((one): one is CsrWatchpoint => one.kind === 'csr');
    this.#watchesStatus = this.csrs.some(({ csr }) => csr === SSTATUS || csr === MSTATUS);
    this.#watchesFloat = this.csrs.some(({ csr }) => csr >= FFLAGS && csr <= FCSR);
    this.maps.forget();
    this.hits.clear();
    this.#memory.watcher = this.ranges.anyPhysical
      ? { before: (address, length, by) => this.#before(address, length, by), after: () => this.#after() }
      : undefined;
  }

  /** Changes of mstatus concern somebody, which stay in generated code else. */
  get watchesStatus(): boolean {
    return this.#watchesStatus;
  }

  /** The same for fflags, frm and fcsr. */
  get watchesFloat(): boolean {
    return this.#watchesFloat;
  }

  /** Page walks are no accesses of a program, and a debugger knows what it writes. */
  #before(address: number, length: number, by: Writer): void {
    if (by === 'walk' || by === 'debugger') return;
    const initiator = this.#initiator();
    const pc = initiator && (by === 'firmware' ? initiator.pc - ECALL : initiator.pc);
    for (let at = address, end = address + length; at < end;) {
      const size = Math.min(PAGE_SIZE - (at % PAGE_SIZE), end - at);
      this.hits.add(this.ranges.inPhysicalPage(at), {
        by,
        access: 'write',
        hart: initiator?.id,
        pc,
        address: undefined,
        physical: at,
        size,
      });
      at += size;
    }
  }

  #after(): void {
    this.hits.dropUnchanged();
    if (this.hits.any) this.#initiator()?.comeBack();
  }
}
