import assert from 'node:assert/strict';
import type { SavedChain } from './call-area';
import { SuspendedChains } from './suspended-chains';

/** `depth` calls from the same place, the innermost with that sp. */
function chain(returnAddress: bigint, sp: bigint, depth = 1): SavedChain {
  const words = new BigUint64Array(2 + 2 * depth).fill(returnAddress);
  words[0] = 1n;
  words[words.length - 1] = sp;
  return { words, origin: { kind: 'start', pc: 0x1000n, sp: 0n }, traps: [] };
}

describe('suspended chains', () => {
  it('are taken up once, where their innermost call returns to with its sp', () => {
    const chains = new SuspendedChains();
    chains.add(chain(0x2000n, 0x100n));
    assert.equal(chains.take(0x100n, 0x3000n), undefined);
    assert.equal(chains.take(0x110n, 0x2000n), undefined);
    assert.equal(chains.take(0x100n, undefined), undefined, 'it is no trap');
    assert.deepEqual(chains.find(0x100n)?.transfers, [{ kind: 'call', returnAddress: 0x2000n, sp: 0x100n }]);
    assert.ok(chains.take(0x100n, 0x2000n));
    assert.equal(chains.find(0x100n), undefined);
  });

  it('give way to a newer one with the same sp: the stack has another task now', () => {
    const chains = new SuspendedChains();
    chains.add(chain(0x2000n, 0x100n));
    chains.add(chain(0x4000n, 0x100n));
    assert.equal(chains.take(0x100n, 0x2000n), undefined);
    assert.ok(chains.take(0x100n, 0x4000n));
  });

  it('are forgotten when there are too many, the oldest first', () => {
    const chains = new SuspendedChains();
    const spOf = (index: number) => BigInt(index) << 16n;
    const count = 120;
    for (let index = 0; index < count; index++) chains.add(chain(0x2000n, spOf(index), 50_000));
    assert.equal(chains.find(spOf(0)), undefined);
    assert.ok(chains.find(spOf(count - 1)));
    const all = Array.from({ length: count }, (_, index) => chains.take(spOf(index), 0x2000n));
    const kept = all.filter((one) => one !== undefined).length;
    assert.ok(kept > 20 && kept < 60, `${kept} are kept`);
  });
});
