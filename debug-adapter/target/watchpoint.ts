/** What a target can watch, and what it tells of an access to it: types only. */

/** A `change` is a write that leaves other bytes there than were there before. Atomics read and write. */
export type WatchedAccess = 'read' | 'write' | 'read-write' | 'change';

/** Watches bytes, or a CSR. The caller chooses `id`, by which hits refer to it. */
export type Watchpoint = MemoryWatchpoint | CsrWatchpoint;

export interface MemoryWatchpoint {
  readonly kind: 'memory';
  readonly id: number;
  /** `virtual`: as loads and stores use it, in every address space. `physical`: by whatever address, and by devices too. */
  readonly space: 'virtual' | 'physical';
  readonly address: bigint;
  /** Bytes; the range does not go beyond 2^64. */
  readonly length: number;
  readonly access: WatchedAccess;
}

/** Watches what instructions write to a CSR. What traps change in it is not reported. */
export interface CsrWatchpoint {
  readonly kind: 'csr';
  readonly id: number;
  readonly csr: number;
  readonly access: 'write' | 'change';
}

/** An access that a watchpoint waits for. Its instruction has retired, so the hart's pc is behind it. */
export type WatchHit = MemoryHit | CsrHit;

/** The hart that ran and the address of its instruction; `undefined` where none ran, as when console input arrives. */
export interface Culprit {
  readonly hart: number | undefined;
  readonly pc: bigint | undefined;
}

export interface MemoryHit extends Culprit {
  readonly kind: 'memory';
  /** Of the watchpoint. */
  readonly id: number;
  /** `device`: DMA on behalf of the instruction. `firmware`: what the emulator has in its place, on behalf of an ecall. */
  readonly by: 'hart' | 'device' | 'firmware';
  readonly access: 'read' | 'write' | 'read-write';
  /** Where the access began, and its bytes; of one that crosses pages, the part in one page. */
  readonly address: bigint | undefined;
  readonly physical: number;
  readonly size: number;
  /** The watched bytes that were accessed, from this offset in the watched range on. */
  readonly offset: number;
  /** `undefined` in a device. */
  readonly old: Uint8Array | undefined;
  readonly new: Uint8Array;
}

export interface CsrHit extends Culprit {
  readonly kind: 'csr';
  readonly id: number;
  /** The CSR that the instruction names: another one than the watched one may contain it. */
  readonly written: number;
  readonly old: bigint;
  readonly new: bigint;
}
