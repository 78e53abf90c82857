import assert from 'node:assert/strict';
import type { Target } from '../target/target';
import { Breakpoints } from './breakpoints';

function build() {
  const armed: bigint[][] = [];
  const target = {
    setBreakpoints: (addresses: Iterable<bigint>) => armed.push([...addresses]),
  } as unknown as Target;
  return { breakpoints: new Breakpoints<number>(target), armed };
}

describe('breakpoints', () => {
  it('of all owners are armed together, an address once', () => {
    const { breakpoints, armed } = build();
    breakpoints.set('a.S', [{ breakpoint: 1, armed: [16n, 32n] }]);
    breakpoints.set('functions', [{ breakpoint: 2, armed: [32n, 48n] }]);
    assert.deepEqual(armed.at(-1), [16n, 32n, 48n]);
  });

  it('are replaced by their own owner only', () => {
    const { breakpoints, armed } = build();
    breakpoints.set('a.S', [{ breakpoint: 1, armed: [16n] }]);
    breakpoints.set('b.S', [{ breakpoint: 2, armed: [32n] }]);
    breakpoints.set('a.S', []);
    assert.deepEqual(armed.at(-1), [32n]);
  });

  it('are all named that a pc stands on, at a physical address as well', () => {
    const { breakpoints } = build();
    breakpoints.set('a.S', [{ breakpoint: 1, armed: [16n, 0x80n] }]);
    breakpoints.set('functions', [{ breakpoint: 2, armed: [0x80n, 0x80n] }]);
    assert.deepEqual(breakpoints.at(0x80n), [1, 2]);
    assert.deepEqual(breakpoints.at(16n), [1]);
    assert.deepEqual(breakpoints.at(17n), []);
  });
});
