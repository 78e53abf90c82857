/** Where a location list says that a variable is, kind of entry by kind of entry. */
import assert from 'node:assert/strict';
import { u64 } from './call-frame-bytes.test-support';
import { AT } from './constants';
import type { FormValue } from './forms';
import { expressionAt } from './location-lists';
import { DwarfSections } from './sections';
import type { Unit } from './units';

const base = 0x8020_0000n;
const listsBase = 12;

function unitOf(version: number): Unit {
  return {
    section: 'info',
    offset: 0,
    end: 0,
    firstDie: 0,
    version,
    addressSize: 8,
    offsetSize: 4,
    strOffsetsBase: 0,
    addrBase: 8,
    type: undefined,
    abbreviations: new Map(),
    root: new Map<number, FormValue>([
      [AT.low_pc, { kind: 'address', value: base }],
      [AT.loclists_base, { kind: 'offset', value: listsBase }],
    ]),
  };
}

/** What is found at a distance from the unit's start: the register of a DW_OP_reg0 to 31, or `undefined`. */
function lookUp(
  version: number,
  list: readonly number[],
  value?: FormValue,
): (distance: bigint) => number | undefined {
  const bytes = Uint8Array.from(list);
  const sections = new DwarfSections((name) => {
    if (name === '.debug_addr')
      return Uint8Array.from([...Array<number>(8).fill(0), ...u64(base + 0x100n), ...u64(base + 0x180n)]);
    return name === (version >= 5 ? '.debug_loclists' : '.debug_loc') ? bytes : undefined;
  });
  const location = value ?? { kind: 'offset' as const, value: 0 };
  return (distance) => {
    const expression = expressionAt(sections, unitOf(version), location, base + distance);
    return expression && expression[0]! - 0x50;
  };
}

/** A counted expression of DWARF 5. */
const reg = (register: number) => [1, 0x50 + register];

describe('a location list', () => {
  it('of DWARF 5 has each kind of entry', () => {
    const cases: readonly (readonly [
      string,
      readonly number[],
      readonly (readonly [bigint, number | undefined])[],
    ])[] = [
      [
        'offset_pair',
        [4, 0x10, 0x20, ...reg(1), 0],
        [
          [0xfn, undefined],
          [0x10n, 1],
          [0x1fn, 1],
          [0x20n, undefined],
        ],
      ],
      [
        'two of them',
        [4, 0, 8, ...reg(1), 4, 8, 16, ...reg(2), 0],
        [
          [7n, 1],
          [8n, 2],
          [16n, undefined],
        ],
      ],
      [
        'base_address',
        [6, ...u64(base + 0x1000n), 4, 0, 4, ...reg(3), 0],
        [
          [0n, undefined],
          [0x1003n, 3],
        ],
      ],
      [
        'base_addressx',
        [1, 0, 4, 0, 4, ...reg(3), 0],
        [
          [0x100n, 3],
          [0x104n, undefined],
        ],
      ],
      [
        'startx_endx',
        [2, 0, 1, ...reg(4), 0],
        [
          [0x17fn, 4],
          [0x180n, undefined],
        ],
      ],
      [
        'startx_length',
        [3, 1, 4, ...reg(4), 0],
        [
          [0x17fn, undefined],
          [0x183n, 4],
        ],
      ],
      [
        'start_end',
        [7, ...u64(base), ...u64(base + 4n), ...reg(5), 0],
        [
          [3n, 5],
          [4n, undefined],
        ],
      ],
      [
        'start_length',
        [8, ...u64(base + 4n), 4, ...reg(6), 0],
        [
          [3n, undefined],
          [7n, 6],
          [8n, undefined],
        ],
      ],
      [
        'default_location',
        [5, ...reg(7), 4, 0, 4, ...reg(8), 0],
        [
          [0n, 8],
          [4n, 7],
        ],
      ],
      ['GNU_view_pair', [9, 1, 2, 4, 0, 4, ...reg(9), 0], [[0n, 9]]],
      ['nothing behind its end', [0, 4, 0, 4, ...reg(9)], [[0n, undefined]]],
      ['nothing of an unknown kind', [99, 4, 0, 4, ...reg(9), 0], [[0n, undefined]]],
    ];
    for (const [name, list, expected] of cases) {
      const at = lookUp(5, list);
      for (const [distance, register] of expected)
        assert.equal(at(distance), register, `${name} at ${distance}`);
    }
  });

  it('of DWARF 4 has pairs, and pairs that change what they count from', () => {
    const counted = (register: number) => [1, 0, 0x50 + register];
    const end = [...u64(0n), ...u64(0n)];
    const at = lookUp(4, [
      ...[...u64(0n), ...u64(8n), ...counted(1)],
      ...[...u64(0xffff_ffff_ffff_ffffn), ...u64(base + 0x1000n)],
      ...[...u64(0n), ...u64(4n), ...counted(2)],
      ...end,
      ...[...u64(0x100n), ...u64(0x200n), ...counted(3)],
    ]);
    assert.deepEqual([0n, 7n, 8n, 0x1000n, 0x1004n, 0x1100n].map(at), [
      1,
      1,
      undefined,
      2,
      undefined,
      undefined,
    ]);
  });

  it('is found by its index behind the base of its unit', () => {
    const list = [...Array<number>(listsBase).fill(0xff), 8, 0, 0, 0, 0, 0, 0, 0, 4, 0, 4, ...reg(11), 0];
    assert.equal(lookUp(5, list, { kind: 'list', value: 0 })(0n), 11);
    assert.equal(lookUp(5, list, { kind: 'list', value: 1000 })(0n), undefined);
  });

  it('may be cut off or lead nowhere', () => {
    const whole = [4, 0x10, 0x20, ...reg(1), 6, ...u64(base), 5, ...reg(2), 8, ...u64(base), 4, ...reg(3), 0];
    for (let length = 0; length < whole.length; length++) {
      const found = lookUp(5, whole.slice(0, length))(0x10n);
      assert.ok(found === undefined || found === 1, `${length} bytes`);
    }
    assert.equal(lookUp(5, whole, { kind: 'offset', value: 1_000_000 })(0n), undefined);
    assert.equal(lookUp(4, [1, 2, 3], { kind: 'offset', value: 0 })(0n), undefined);
  });

  it('need not be one: an expression is the same everywhere', () => {
    const value: FormValue = { kind: 'block', value: Uint8Array.of(0x5a) };
    assert.equal(lookUp(5, [], value)(0x1234n), 10);
    assert.equal(lookUp(5, [], { kind: 'flag', value: true })(0n), undefined);
  });
});
