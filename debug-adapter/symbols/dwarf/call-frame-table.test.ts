/** Call frame entries in forms that gcc and clang do not write, and damaged ones. */
import assert from 'node:assert/strict';
import {
  cstring,
  debugFrame,
  ehFrame,
  entry,
  plainCommon,
  plainDescription,
  tableOf,
  textEnd,
  textStart,
  u16,
  u32,
  u64,
} from './call-frame-bytes.test-support';

const ehCommon = (augmentation: string, data: readonly number[], version = 1) =>
  entry([...u32(0), version, ...cstring(augmentation), 1, 0x78, 1, data.length, ...data, 0x0c, 2, 0]);

/** An `.eh_frame` of one FDE that encodes text addresses so. */
function encoded(encoding: number, pointer: (place: bigint) => number[], size: number[]) {
  const common = ehCommon('zR', [encoding]);
  const place = textEnd + BigInt(common.length + 8);
  const description = entry([...u32(common.length + 4), ...pointer(place), ...size, 0, 0x0e, 16]);
  return tableOf(ehFrame(...common, ...description)).table.at(textStart)?.cfa;
}

describe('a call frame table', () => {
  const sp16 = { kind: 'register', register: 2, offset: 16n };

  it('reads 64-bit DWARF', () => {
    const common = entry([...u64(0xffff_ffff_ffff_ffffn), 3, 0, 1, 0x78, 1, 0x0c, 2, 16], true);
    const description = entry([...u64(0n), ...u64(textStart), ...u64(4n)], true);
    const { table, warnings } = tableOf(debugFrame(...common, ...description));
    assert.deepEqual(table.at(textStart + 3n)?.cfa, sp16);
    assert.equal(table.at(textStart + 4n), undefined);
    assert.deepEqual(warnings, []);
  });

  it('reads 64-bit lengths of .eh_frame, whose pointers have 4 bytes all the same', () => {
    const common = entry([...u32(0), 1, ...cstring('zR'), 1, 0x78, 1, 1, 0x00, 0x0c, 2, 16], true);
    const place = common.length + 12;
    const description = entry([...u32(place), ...u64(textStart), ...u64(4n), 0], true);
    assert.deepEqual(tableOf(ehFrame(...common, ...description)).table.at(textStart)?.cfa, sp16);
  });

  it('reads version 1, with a byte for the register of the return address', () => {
    const common = entry([...u32(0xffff_ffff), 1, 0, 1, 0x78, 0x85, 0x0c, 2, 16]);
    const { table } = tableOf(debugFrame(...common, ...plainDescription()));
    assert.equal(table.at(textStart)?.returnAddressRegister, 0x85);
  });

  it('reads version 4, with sizes of addresses and segment selectors', () => {
    const common = entry([...u32(0xffff_ffff), 4, 0, 8, 2, 1, 0x78, 1, 0x0c, 2, 16]);
    const description = entry([...u32(0), ...u16(7), ...u64(textStart), ...u64(4n)]);
    assert.deepEqual(tableOf(debugFrame(...common, ...description)).table.at(textStart)?.cfa, sp16);
  });

  it('reads pointers in all encodings that are absolute or relative to their place', () => {
    const low = Number(textStart & 0xffff_ffffn);
    assert.deepEqual(
      encoded(0x00, () => u64(textStart), u64(4n)),
      sp16,
      'absptr',
    );
    assert.deepEqual(
      encoded(0x04, () => u64(textStart), u64(4n)),
      sp16,
      'udata8',
    );
    assert.deepEqual(
      encoded(0x0b, () => u32(low), u32(4)),
      sp16,
      'sdata4',
    );
    assert.deepEqual(
      encoded(0x1b, (place) => u32(Number(textStart - place)), u32(4)),
      sp16,
      'pcrel sdata4',
    );
    assert.deepEqual(
      encoded(0x1c, (place) => u64(textStart - place), u64(4n)),
      sp16,
      'pcrel sdata8',
    );
    assert.deepEqual(
      encoded(0x1a, (place) => u16(Number(textStart - place)), u16(4)),
      sp16,
      'pcrel sdata2',
    );
    const leb = (value: bigint) => [Number(value & 0x7fn) | 0x80, Number((value >> 7n) & 0x7fn)];
    assert.deepEqual(
      encoded(0x19, (place) => leb(textStart - place), [4]),
      sp16,
      'pcrel sleb128',
    );
  });

  it('leaves out pointers that are relative to what a kernel does not have, with a warning', () => {
    for (const encoding of [0x3b, 0x9b, 0x5b, 0x0f]) {
      const common = ehCommon('zR', [encoding]);
      const description = entry([...u32(common.length + 4), ...u32(0), ...u32(4), 0]);
      const { table, warnings } = tableOf(ehFrame(...common, ...description));
      assert.equal(table.at(textStart), undefined);
      assert.deepEqual(warnings, ['An entry of .eh_frame cannot be read: its call frames are left out.']);
    }
  });

  it('skips personality routines and language-specific data, in any order of their letters', () => {
    for (const [letters, data] of [
      ['zPLR', [0x1b, 1, 2, 3, 4, 0x1b, 0x00]],
      ['zRSPL', [0x00, 0x9b, 1, 2, 3, 4, 0x0c]],
      ['zRP', [0x00, 0xff]],
    ] as const) {
      const common = ehCommon(letters, data, 3);
      const augmentation = [8, ...u64(0n)];
      const description = entry([
        ...u32(common.length + 4),
        ...u64(textStart),
        ...u64(4n),
        ...augmentation,
        0x0e,
        16,
      ]);
      const row = tableOf(ehFrame(...common, ...description)).table.at(textStart);
      assert.deepEqual(row?.cfa, sp16, letters);
      assert.equal(row.isSignalFrame, letters.includes('S'));
    }
  });

  it('leaves out entries whose augmentation or version nobody knows', () => {
    for (const [version, augmentation] of [
      [3, 'zX'],
      [3, 'eh'],
      [3, 'a'.repeat(100)],
      [2, ''],
      [5, ''],
    ] as const) {
      const common = entry([...u32(0xffff_ffff), version, ...cstring(augmentation), 1, 0x78, 1, 0x0c, 2, 0]);
      const { table, warnings } = tableOf(debugFrame(...common, ...plainDescription()));
      assert.equal(table.at(textStart), undefined);
      assert.equal(warnings.length, 1);
    }
  });

  it('goes on behind the zero that ends the entries of one object file', () => {
    const { table, warnings } = tableOf(
      debugFrame(...plainCommon(), ...u32(0), ...u32(0), ...plainDescription()),
    );
    assert.ok(table.at(textStart));
    assert.deepEqual(warnings, []);
  });

  it('prefers .debug_frame to .eh_frame, and has what only one of them has', () => {
    const common = ehCommon('zR', [0x00]);
    const first = entry([...u32(common.length + 4), ...u64(textStart), ...u64(4n), 0, 0x0e, 32]);
    const back = common.length + first.length + 4;
    const second = entry([...u32(back), ...u64(textStart + 0x200n), ...u64(4n), 0, 0x0e, 48]);
    const { table } = tableOf(
      debugFrame(...plainCommon(), ...plainDescription(0x0e, 16)),
      ehFrame(...common, ...first, ...second),
    );
    assert.deepEqual(table.at(textStart)?.cfa, sp16);
    assert.deepEqual(table.at(textStart + 0x200n)?.cfa, { ...sp16, offset: 48n });
  });

  it('has nothing for functions that the linker has dropped, and for empty ones', () => {
    const at = (start: bigint, size: bigint) => entry([...u32(0), ...u64(start), ...u64(size)]);
    const { table, warnings } = tableOf(
      debugFrame(...plainCommon(), ...at(0n, 16n), ...at(textStart, 0n), ...at(textStart + 8n, 8n)),
    );
    assert.equal(table.at(0n), undefined);
    assert.equal(table.at(textStart), undefined);
    assert.ok(table.at(textStart + 8n));
    assert.deepEqual(warnings, []);
  });

  it('moves on by set_loc, and joins rows of the same address', () => {
    const { table } = tableOf(
      debugFrame(
        ...plainCommon(),
        ...plainDescription(0x0e, 8, 0x40, 0x0e, 16, 0x01, ...u64(textStart + 32n), 0x0e, 24),
      ),
    );
    const { start, end, cfa } = table.at(textStart)!;
    assert.deepEqual([start, end, cfa], [textStart, textStart + 32n, sp16]);
    assert.equal(table.at(textStart + 32n)?.end, textStart + 0x100n);
  });

  it('keeps no rules for registers that no walk asks for', () => {
    const { table } = tableOf(
      debugFrame(...plainCommon(), ...plainDescription(0x05, 0x80, 0x20, 1, 0x81, 2)),
    );
    assert.deepEqual([...table.at(textStart)!.rules.keys()], [1]);
  });

  it('has rows up to where instructions are damaged, and none behind', () => {
    const damaged: readonly (readonly [string, ...number[]])[] = [
      ['an unknown instruction', 0x3f],
      ['nothing to restore', 0x0b],
      ['an offset without a register', 0x0f, 1, 0x30, 0x0e, 16],
      ['a register where the CFA is an expression', 0x0f, 1, 0x30, 0x0d, 8],
      ['an expression beyond the end', 0x0f, 0x7f],
      ['a number without end', 0x0e, 0x80, 0x80],
      ['states without end', ...Array<number>(100).fill(0x0a)],
      ['a step back', 0x01, ...u64(textStart)],
    ];
    for (const [what, ...instructions] of damaged) {
      const { table } = tableOf(debugFrame(...plainCommon(), ...plainDescription(0x44, ...instructions)));
      assert.ok(table.at(textStart + 3n), what);
      assert.equal(table.at(textStart + 4n), undefined, what);
    }
  });

  it('says where a section is damaged, and keeps what is before', () => {
    const { table, warnings } = tableOf(debugFrame(...plainCommon(), ...plainDescription(), 0xff, 0, 0, 0));
    assert.ok(table.at(textStart));
    assert.deepEqual(warnings, [
      'Section .debug_frame is damaged at 0x28: call frames after it are left out.',
    ]);
  });
});
