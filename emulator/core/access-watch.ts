import type { CsrHit, MemoryHit } from '../api';
import type { Watch } from './watch';
import { pageNumber } from './translation-cache';
import { fromWords } from './words';

/** What a hart lends to those who watch it. */
interface WatchedHart {
  readonly id: number;
  /** Of the instruction at hand. */
  readonly pc: bigint;
  comeBack(): void;
  /** The instruction at hand has accessed a page in which something is watched, but nothing of that. */
  cameNear(): void;
}

type Kind = MemoryHit['access'];

/**
 * Looks at the accesses of one hart that come to TypeScript: all to watched pages do, or generated code has seen that they do not concern
 * what is watched. Addresses are given in two signed words; an access lies in one page. It reports before the access, and `done` after it.
 */
export class AccessWatch {
  readonly #watch: Watch;
  readonly #hart: WatchedHart;
  /** The accesses at hand are not the guest's. */
  #paused = false;

  constructor(watch: Watch, hart: WatchedHart) {
    this.#watch = watch;
    this.#hart = hart;
  }

  /** An access to RAM is about to happen, or one to a device has, with this value. */
  accessing(
    access: Kind,
    high: number,
    low: number,
    physical: number,
    size: number,
    deviceValue?: bigint,
  ): void {
    const { ranges, hits } = this.#watch;
    if (!ranges.any || this.#paused) return;
    const virtual = ranges.inPage(pageNumber(high, low));
    const other = ranges.inPhysicalPage(physical);
    if (virtual.length === 0 && other.length === 0) return;
    const { id: hart, pc } = this.#hart;
    const about = { by: 'hart', access, hart, pc, address: fromWords(high, low), physical, size } as const;
    const described = deviceValue === undefined ? about : { ...about, deviceValue };
    hits.add(virtual, described);
    hits.add(other, described);
    if (!hits.any) this.#hart.cameNear();
  }

  /** The accesses have happened, but for the update of an atomic one. */
  done(update = false): void {
    const { hits } = this.#watch;
    if (!update) hits.dropUnchanged();
    if (hits.any) this.#hart.comeBack();
  }

  /** Does something whose accesses are not the guest's. */
  without<T>(action: () => T): T {
    this.#paused = true;
    try {
      return action();
    } finally {
      this.#paused = false;
    }
  }

  /**
   * Writes to a CSR by `write`.
   * @param read what any CSR reads as
   */
  writeCsr(written: number, read: (csr: number) => bigint, write: () => void): void {
    const { csrs, hits } = this.#watch;
    if (csrs.length === 0) {
      write();
      return;
    }
    const before = csrs.map(({ csr }) => read(csr));
    write();
    const { id: hart, pc } = this.#hart;
    csrs.forEach(({ id, csr, access }, index) => {
      const old = before[index]!;
      const hit: CsrHit = { kind: 'csr', id, hart, pc, written, old, new: read(csr) };
      if (hit.new !== old || (csr === written && access === 'write')) hits.addCsr(hit);
    });
    if (hits.any) this.#hart.comeBack();
  }
}
