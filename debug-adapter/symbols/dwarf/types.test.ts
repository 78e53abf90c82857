import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURE_NAMES, loadFixture, runTool } from '../../../test/symbols/fixtures.test-support';
import { loadProgram } from '../program';

/** The members that shapes.c lists in `offsets[]`, in its order. */
const MEMBERS = [
  'node',
  'node.prev',
  'pair',
  'one',
  'one.tag',
  'one.number',
  'one.high',
  'one.bytes',
  'colour',
  'named',
  'named.deep',
  'named.point.y',
  'call',
  'comm',
];
const SAMPLE = join(import.meta.dirname, '../../../sample-kernel/prebuilt/sample-metadata.elf');

describe('DwarfTypes', () => {
  for (const name of FIXTURE_NAMES) {
    it(`lays structures out as the compiler of ${name} did`, () => {
      const program = loadFixture(name);
      const outer = program.types.struct('outer')!;
      const { address, size } = program.symbols.named('offsets')[0]!;
      const segment = program.segments.find(
        ({ virtualAddress, data }) =>
          address >= virtualAddress && address < virtualAddress + BigInt(data.length),
      )!;
      const start = segment.data.byteOffset + Number(address - segment.virtualAddress);
      const words = Array.from(new BigUint64Array(segment.data.buffer.slice(start, start + size)), Number);
      MEMBERS.forEach((member, i) => {
        const layout = outer.members.get(member);
        assert.deepEqual([layout?.offset, layout?.size], words.slice(2 * i, 2 * i + 2), member);
      });
      assert.equal(outer.size, words.at(-1));
    });

    it(`finds bit-fields, flexible arrays, typedefs and enumerators in ${name}`, () => {
      const { types } = loadFixture(name);
      const members = types.struct('outer')!.members;
      const base = members.get('first')!.offset;
      assert.deepEqual(members.get('first'), { offset: base, size: 1, bits: { shift: 0, width: 3 } });
      assert.deepEqual(members.get('second'), { offset: base, size: 2, bits: { shift: 3, width: 13 } });
      assert.deepEqual(members.get('third'), { offset: base + 2, size: 2, bits: { shift: 0, width: 16 } });
      assert.equal(members.get('flexible')?.size, 0);
      assert.equal(types.struct('counter_alias_t')?.size, 8);
      assert.deepEqual(types.struct('counter_t')?.members.get('counter'), { offset: 0, size: 8 });
      assert.deepEqual(
        ['RED', 'GREEN', 'BLUE', 'HUGE', 'PURPLE'].map((it) => types.enumerator(it)),
        [0n, 7n, -3n, 0x123456789abn, undefined],
      );
    });
  }

  it('knows nothing of structures that are missing or only declared', () => {
    const { types } = loadFixture('gcc-dwarf5');
    assert.equal(types.struct('missing'), undefined);
    assert.equal(types.struct(''), undefined);
    assert.equal(types.struct('ulong_t'), undefined, 'a typedef of something else');
  });

  it('reads each structure once', () => {
    const { types } = loadFixture('gcc-dwarf5');
    assert.equal(types.struct('outer'), types.struct('outer'));
  });

  it('agrees with gdb on the structures of the sample kernel', function () {
    const names = ['pt_regs', 'task_struct', 'thread_info', 'thread_struct'];
    const output = runTool('gdb-multiarch', [
      '-batch',
      '-nx',
      ...names.flatMap((name) => ['-ex', `ptype /ox struct ${name}`]),
      SAMPLE,
    ]);
    if (output === undefined) return this.skip();
    const { types } = loadProgram(new Uint8Array(readFileSync(SAMPLE)));
    // "/* 0x0120      |  0x0018 */    struct frame_record_meta {", and members of it two columns further right.
    const dumps = output.split(/^\/\* offset.*$/m).slice(1);
    assert.equal(dumps.length, names.length);
    let compared = 0;
    dumps.forEach((dump, i) => {
      const { members, size } = types.struct(names[i]!)!;
      // Totals of nested structures come before that of the whole.
      const totals = [...dump.matchAll(/total size \(bytes\): +(\d+)/g)];
      assert.equal(Number(totals.at(-1)?.[1]), size);
      const member = /^\/\* (0x[0-9a-f]+) +\| +(0x[0-9a-f]+) \*\/ {4}\S.*?(\w+)(?:\[[^\]]*\])*;$/gm;
      for (const [, offset, length, name] of dump.matchAll(member)) {
        const layout = members.get(name!);
        assert.deepEqual([layout?.offset, layout?.size], [Number(offset), Number(length)], name);
        compared++;
      }
    });
    assert.ok(compared > 50, `${compared} members compared`);
  });
});
