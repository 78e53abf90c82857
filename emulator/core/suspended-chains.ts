import type { CallChain } from '../api';
import type { SavedChain } from './call-area';
import { describeChain, innermostOf } from './call-area';

/** Most words of all chains together: chains of tasks that have ended are never asked for again. */
const MOST_WORDS = 1 << 22;
/** What a chain costs beside its entries, in words. */
const OVERHEAD = 32;

/**
 * The chains of calls that no hart is in, since they were left on one stack for another: by the sp at their innermost transfer, which is
 * where they are taken up again. Any hart may do that. The one left longest ago goes first.
 */
export class SuspendedChains {
  readonly #chains = new Map<bigint, SavedChain>();
  #words = 0;

  add(chain: SavedChain): void {
    const { sp } = innermostOf(chain);
    this.#remove(sp);
    this.#chains.set(sp, chain);
    this.#words += costOf(chain);
    for (const oldest of this.#chains.keys()) {
      if (this.#words <= MOST_WORDS) break;
      this.#remove(oldest);
    }
  }

  find(sp: bigint): CallChain | undefined {
    const chain = this.#chains.get(sp);
    return chain && describeChain(chain);
  }

  /** Removes the chain that goes on with this sp, by a return to this address or out of a trap, if there is one. */
  take(sp: bigint, returnAddress: bigint | undefined): SavedChain | undefined {
    const chain = this.#chains.get(sp);
    if (!chain || innermostOf(chain).returnAddress !== returnAddress) return undefined;
    this.#remove(sp);
    return chain;
  }

  #remove(sp: bigint): void {
    const chain = this.#chains.get(sp);
    if (!chain) return;
    this.#words -= costOf(chain);
    this.#chains.delete(sp);
  }
}

const costOf = ({ words, traps }: SavedChain): number => words.length + traps.length * OVERHEAD + OVERHEAD;
