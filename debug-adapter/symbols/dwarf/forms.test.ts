import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ByteReader } from '../bytes/byte-reader';
import { FORM } from './constants';
import { formSize, skipForm, type UnitContext } from './form-sizes';
import { readForm, type FormValue } from './forms';
import { DwarfSections } from './sections';

const text = (content: string) => [...new TextEncoder().encode(content)];
const SECTIONS: Readonly<Record<string, number[]>> = {
  '.debug_str': text('zero\0one\0'),
  '.debug_line_str': text('dir\0file.S\0'),
  // A header of 8 bytes, then offsets of "zero" and "one".
  '.debug_str_offsets': [0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0],
  '.debug_addr': [...new Array<number>(8).fill(0), 0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff],
};
const sections = new DwarfSections((name) => {
  const bytes = SECTIONS[name];
  return bytes && Uint8Array.from(bytes);
});
const unit: UnitContext = {
  offset: 0x100,
  version: 5,
  addressSize: 8,
  offsetSize: 4,
  strOffsetsBase: 8,
  addrBase: 8,
};

function read(form: number, bytes: readonly number[], changes: Partial<UnitContext> = {}): FormValue {
  const reader = new ByteReader(Uint8Array.from(bytes));
  const value = readForm(reader, form, -3n, { ...unit, ...changes }, sections);
  assert.ok(!reader.failed());
  assert.equal(reader.offset, bytes.length, 'all bytes are consumed');
  return value;
}

describe('forms', () => {
  const cases: [keyof typeof FORM, number[], FormValue['kind'], unknown][] = [
    ['addr', [1, 0, 0, 0, 0, 0, 0, 0x80], 'address', 0x8000_0000_0000_0001n],
    ['addrx', [0], 'address', 0xffff_ffff_8000_0000n],
    ['addrx1', [0], 'address', 0xffff_ffff_8000_0000n],
    ['addrx3', [0, 0, 0], 'address', 0xffff_ffff_8000_0000n],
    ['GNU_addr_index', [0], 'address', 0xffff_ffff_8000_0000n],
    ['data1', [0xff], 'constant', 255n],
    ['data2', [1, 2], 'constant', 0x201n],
    ['data4', [1, 2, 3, 4], 'constant', 0x4030201n],
    ['data8', [0, 0, 0, 0, 0, 0, 0, 0xff], 'constant', 0xff00_0000_0000_0000n],
    ['sdata', [0x7d], 'constant', -3n],
    ['udata', [0x80, 1], 'constant', 128n],
    ['implicit_const', [], 'constant', -3n],
    ['sec_offset', [4, 0, 0, 0], 'offset', 4],
    ['flag', [1], 'flag', true],
    ['flag_present', [], 'flag', true],
    ['string', text('inline\0'), 'string', 'inline'],
    ['strp', [5, 0, 0, 0], 'string', 'one'],
    ['line_strp', [4, 0, 0, 0], 'string', 'file.S'],
    ['strx', [1], 'string', 'one'],
    ['strx1', [0], 'string', 'zero'],
    ['strx2', [1, 0], 'string', 'one'],
    ['strx3', [1, 0, 0], 'string', 'one'],
    ['strx4', [1, 0, 0, 0], 'string', 'one'],
    ['GNU_str_index', [1], 'string', 'one'],
    ['ref1', [2], 'reference', 0x102],
    ['ref2', [2, 1], 'reference', 0x202],
    ['ref4', [2, 0, 0, 0], 'reference', 0x102],
    ['ref8', [2, 0, 0, 0, 0, 0, 0, 0], 'reference', 0x102],
    ['ref_udata', [2], 'reference', 0x102],
    ['ref_addr', [2, 0, 0, 0], 'reference', 2],
    ['ref_sig8', [1, 0, 0, 0, 0, 0, 0, 0], 'signature', 1n],
    ['rnglistx', [3], 'list', 3],
    ['loclistx', [3], 'list', 3],
    ['block', [2, 7, 8], 'block', Uint8Array.of(7, 8)],
    ['block1', [2, 7, 8], 'block', Uint8Array.of(7, 8)],
    ['block2', [2, 0, 7, 8], 'block', Uint8Array.of(7, 8)],
    ['block4', [2, 0, 0, 0, 7, 8], 'block', Uint8Array.of(7, 8)],
    ['exprloc', [2, 7, 8], 'block', Uint8Array.of(7, 8)],
    ['indirect', [FORM.udata, 5], 'constant', 5n],
  ];
  for (const [name, bytes, kind, value] of cases) {
    it(`read ${name}`, () => assert.deepEqual(read(FORM[name], bytes), { kind, value }));
  }

  it('of other files are stepped over', () => {
    for (const form of [FORM.ref_sup4, FORM.strp_sup, FORM.GNU_ref_alt, FORM.GNU_strp_alt]) {
      assert.deepEqual(read(form, [1, 2, 3, 4]), { kind: 'unknown' });
    }
  });

  it('have the sizes of their unit', () => {
    assert.deepEqual(read(FORM.ref_addr, new Array<number>(8).fill(0), { version: 2 }).kind, 'reference');
    assert.equal(formSize(FORM.strp, { ...unit, offsetSize: 8 }), 8);
    assert.equal(formSize(FORM.addr, { ...unit, addressSize: 4 }), 4);
  });

  it('are skipped exactly as far as they are read, whatever the bytes are', () => {
    const forms = fc.oneof(fc.constantFrom(...Object.values(FORM)), fc.nat(0x40));
    fc.assert(
      fc.property(forms, fc.uint8Array({ maxLength: 40 }), (form, bytes) => {
        const [reading, skipping] = [new ByteReader(bytes), new ByteReader(bytes)];
        readForm(reading, form, 0n, unit, sections);
        skipForm(skipping, form, unit);
        if (!reading.failed())
          assert.deepEqual([skipping.failed(), skipping.offset], [false, reading.offset]);
      }),
      { numRuns: 500 },
    );
  });
});
