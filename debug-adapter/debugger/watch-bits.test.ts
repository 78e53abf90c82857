import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Target, TargetHart } from '../target/target';
import type { WatchHit } from '../target/watchpoint';
import { formatPlace, parsePlace, type WatchPlace } from './watch-place';
import { changedValue, hasChanged, numberOf } from './watch-values';

const address = 0x8020_0000n;

/** A write of all the bytes at `address`, which leaves `now` there. */
function written(before: readonly number[], now: readonly number[], bits: { shift: number; width: number }) {
  const thing = { kind: 'memory', space: 'virtual', address, length: now.length, bits } as const;
  const hit: WatchHit = {
    kind: 'memory',
    id: 1,
    by: 'hart',
    hart: 0,
    pc: 0n,
    access: 'write',
    address,
    physical: Number(address),
    size: now.length,
    offset: 0,
    old: Uint8Array.from(before),
    new: Uint8Array.from(now),
  };
  const hart = { readMemory: () => Uint8Array.from(now) } as Partial<TargetHart> as TargetHart;
  const value = changedValue(thing, [hit], hart, {} as Target);
  return {
    old: value.old && numberOf(value.old),
    now: numberOf(value.new),
    changed: hasChanged(thing, value),
  };
}

describe('a bit-field that is watched', () => {
  it('has the value of its own bits before and after a write', () => {
    const bits = { shift: 3, width: 2 };
    assert.deepEqual(written([0b0000_1000], [0b1111_0111], bits), { old: 1n, now: 2n, changed: true });
    assert.deepEqual(written([0b0000_1000], [0b1110_1111], bits), { old: 1n, now: 1n, changed: false });
  });

  it('changes exactly when its bits do, wherever in eight bytes they are', () => {
    const bytes = fc.uint8Array({ minLength: 8, maxLength: 8 });
    const bits = fc
      .tuple(fc.nat(7), fc.integer({ min: 1, max: 57 }))
      .map(([shift, width]) => ({ shift, width }));
    fc.assert(
      fc.property(bytes, bytes, bits, fc.boolean(), (before, other, { shift, width }, keeps) => {
        const field = ((1n << BigInt(width)) - 1n) << BigInt(shift);
        const old = numberOf(before)!;
        const now = keeps ? (old & field) | (numberOf(other)! & ~field) : numberOf(other)!;
        const after = [...new Uint8Array(BigUint64Array.of(now).buffer)];
        const seen = written([...before], after, { shift, width });
        assert.equal(seen.old, (old & field) >> BigInt(shift));
        assert.equal(seen.now, (now & field) >> BigInt(shift));
        assert.equal(seen.changed, (old & field) !== (now & field));
      }),
    );
  });

  it('is kept as text, and refused where the text names bits that are not there', () => {
    const place: WatchPlace = {
      kind: 'memory',
      base: { symbol: 'init_task' },
      address: 0x4an,
      length: 1,
      bits: { shift: 3, width: 2 },
      label: 'init_task.a#b',
    };
    assert.equal(formatPlace(place), 'sym:init_task+0x4a+1.3.2#init_task.a#b');
    assert.deepEqual(parsePlace(formatPlace(place)), place);
    assert.equal(parsePlace('virt:0x1000+1.7.2#x'), undefined);
    assert.equal(parsePlace('virt:0x1000+1.7.0#x'), undefined);
  });
});
