import assert from 'node:assert/strict';
import { assemble } from '../isa/assemble';
import { decode } from '../isa/decode';
import { groupAccesses } from './access-groups';
import type { Placed } from './page-code';

/** The groups of a block: texts of their instructions, lowest byte, span, and whether one of them is a store. */
function groupsOf(...texts: readonly string[]) {
  const block = texts.map((text, index): Placed => {
    const bits = assemble(text)!;
    return { offset: index * 4, bits, decoded: decode(bits)! };
  });
  const groups = groupAccesses(block);
  return [...new Set(groups.values())].map((group) => ({
    members: texts.filter((_, index) => groups.get(block[index]!) === group),
    bytes: [group.lowest, group.span, group.stores] as const,
    first: texts[block.indexOf(group.first)],
  }));
}

describe('accesses that share a look into the TLB', () => {
  it('are those by the same register, wherever they stand in the block', () => {
    const [saves, loads, ...others] = groupsOf(
      'sd ra,24(sp)',
      'ld a1,0(a0)',
      'addi a2,a1,1',
      'sd s0,16(sp)',
      'lb a3,9(a0)',
    );
    assert.deepEqual(saves, {
      members: ['sd ra,24(sp)', 'sd s0,16(sp)'],
      bytes: [16, 16, true],
      first: 'sd ra,24(sp)',
    });
    assert.deepEqual(loads, {
      members: ['ld a1,0(a0)', 'lb a3,9(a0)'],
      bytes: [0, 10, false],
      first: 'ld a1,0(a0)',
    });
    assert.deepEqual(others, []);
  });

  it('end where the register changes, be it by an access', () => {
    assert.deepEqual(groupsOf('ld a0,0(a0)', 'ld a1,8(a0)'), []);
    const [before, after] = groupsOf(
      'lw a1,0(a0)',
      'lw a2,4(a0)',
      'addi a0,a0,8',
      'lw a1,0(a0)',
      'lw a2,4(a0)',
    );
    assert.deepEqual([before?.members.length, after?.members.length], [2, 2]);
  });

  it('lie near each other', () => {
    assert.deepEqual(groupsOf('ld a1,0(a0)', 'ld a2,1024(a0)'), []);
    assert.equal(groupsOf('ld a1,-64(a0)', 'ld a2,56(a0)')[0]?.members.length, 2);
  });

  it('are on one side of what chooses the TLB', () => {
    assert.deepEqual(groupsOf('ld a1,0(a0)', 'csrs sstatus,t0', 'ld a2,8(a0)'), []);
  });

  it('are no atomics, which trap where they are misaligned', () => {
    assert.deepEqual(groupsOf('amoadd.d a1,a2,(a0)', 'lr.d a1,(a0)', 'ld a2,8(a0)'), []);
  });
});
