import type { TrapFilter } from '../api';
import { GuestMemory } from './guest-memory';

/** What the harts of one machine share: RAM, breakpoints and the trap filter. */
export class Core {
  readonly memory: GuestMemory;
  /** Which traps make `Hart.run` return once they were taken. */
  trapFilter: TrapFilter | undefined;

  /** @param ramSize bytes of RAM at 0x80000000, a multiple of 4096, at most 2 GiB. */
  constructor(ramSize: number) {
    this.memory = new GuestMemory(ramSize);
  }

  /** Replaces the set of breakpoint addresses, which are compared with the pc of every hart. */
  setBreakpoints(_addresses: Iterable<bigint>): void {
    throw new Error('not yet');
  }
}
