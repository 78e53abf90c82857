import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  FIXTURE_NAMES,
  fixtureText,
  loadFixture,
  readFixtureSource,
  runTool,
} from '../../../test/symbols/fixtures.test-support';
import { loadProgram } from '../program';
import { assemblyFiles, findLabel, findLabels } from './labels';
import { scanAssembly } from './scan';

const SAMPLE_KERNEL = join(import.meta.dirname, '../../../sample-kernel');

/** Line of entry.S, by what is written there. */
function lineOf(text: string): number {
  return (
    fixtureText('entry.S')
      .split('\n')
      .findIndex((line) => line.includes(text)) + 1
  );
}

describe('scanAssembly', () => {
  const namesIn = (text: string) =>
    scanAssembly(text).items.flatMap((item) => (item.kind === 'label' ? [`${item.name}@${item.line}`] : []));

  it('finds labels alone, in a row, before an instruction and after another', () => {
    assert.deepEqual(namesIn('a: b: nop\n  nop; c: ret\n1:\n.Ld$x: ret\n'), [
      'a@1',
      'b@1',
      'c@2',
      '1@3',
      '.Ld$x@4',
    ]);
  });

  it('does not take comments, strings, characters, operands and C macros for labels', () => {
    const text = `// a: nop
/* b:
c: */ d: nop # e:
.asciz "f: \\" g:" ; h: ret
#define I i: nop ; \\
  j: nop
li a0, ':' ; k: ret
# l: nop
.reloc 0, R_RISCV_NONE, m
x::
`;
    assert.deepEqual(namesIn(text), ['d@3', 'h@4', 'k@7']);
  });

  it('keeps the bodies of macros apart', () => {
    const { items, macros } = scanAssembly('.macro save reg\n.Lsave_\\@: nop\n.endm\nafter: save a0\n');
    assert.deepEqual(
      items.map(({ kind, line }) => `${kind}@${line}`),
      ['label@4', 'statement@4'],
    );
    assert.deepEqual(
      macros.get('save')?.map(({ kind, line }) => `${kind}@${line}`),
      ['label@2', 'statement@2'],
    );
  });
});

describe('findLabels', () => {
  for (const name of FIXTURE_NAMES) {
    it(`finds each dropped label of ${name} where its instruction is`, () => {
      const program = loadFixture(name);
      const labels = findLabels(program, readFixtureSource);
      const start = program.symbols.named('_start')[0]!.address;
      const noSize = program.symbols.named('no_size')[0]!.address;
      const inner = program.symbols.named('inner_label')[0]!.address;
      // Offsets as objdump shows the instructions; the code of entry.S is the same from every assembler.
      const expected: [label: string, line: string, addresses: bigint[]][] = [
        ['.Lfirst', '.Lfirst:', [start + 0x0an]],
        ['.Lsecond', '.Lsecond:', [start + 0x18n]],
        ['.Lmiddle', '.Lmiddle:', [start + 0x1en]],
        ['.Lthird', '.Lthird:', [start + 0x22n]],
        ['.Lfourth', '.Lfourth:', [start + 0x22n]],
        ['.Lin_branch', '.Lin_branch:', [start + 0x2an]],
        ['.Lafter_store', '.Lafter_store:', [start + 0x40n]],
        ['.Lafter_push', '.Lafter_push:', [noSize]],
        ['.Lpair_\\@', '.Lpair_\\@:', [start + 0x26n, start + 0x2en]],
        ['.Lloaded_\\@', '.Lloaded_\\@:', [start + 0x3an]],
        ['inner_label', 'inner_label:', [inner]],
      ];
      for (const [label, text, addresses] of expected) {
        const found = labels.filter((it) => it.name === label);
        assert.deepEqual(found, [{ name: label, file: '/fixtures/entry.S', line: lineOf(text), addresses }]);
      }
      const numeric = labels
        .filter((it) => /^\d/.test(it.name))
        .map((it) => [it.name, it.line, ...it.addresses]);
      assert.deepEqual(numeric, [
        ['1', lineOf('1:\tbnez'), start + 0x28n, start + 0x30n],
        ['2', lineOf('2:\tnop'), inner],
        ['1', lineOf('2:\tnop') + 1, inner + 2n],
      ]);
    });

    it(`leaves out what ${name} does not have`, () => {
      const names = new Set(findLabels(loadFixture(name), readFixtureSource).map((label) => label.name));
      for (const absent of ['.Lcomment', '.Lhash', '.Lnot_assembled', '.Lneither', '.Lstring', '.Ldata']) {
        assert.ok(!names.has(absent), absent);
      }
    });
  }

  it('lists functions of the symbol table, with their lines, when no source is found', () => {
    const labels = findLabels(loadFixture('gcc-dwarf5'), () => undefined);
    const run = labels.find(({ name }) => name === 'run');
    assert.deepEqual([run?.file, run?.line], ['/fixtures/shapes.c', 31]);
    assert.ok(labels.some(({ name }) => name === '_start'));
    assert.ok(!labels.some(({ name }) => name === 'counter' || name === '.Lfirst'));
  });

  it('finds one label by name, in the symbol table first', () => {
    const program = loadFixture('gcc-dwarf5');
    const address = program.symbols.named('inner_label')[0]!.address;
    assert.deepEqual(findLabel(program, () => assert.fail(), 'inner_label')[0]?.addresses, [address]);
    assert.equal(findLabel(program, readFixtureSource, '1').length, 2);
    assert.deepEqual(findLabel(program, readFixtureSource, '.Lnone'), []);
    assert.deepEqual(assemblyFiles(program), ['/fixtures/entry.S']);
  });

  it('puts the labels of the sample kernel where an assembler that keeps them does', function () {
    const elf = join(SAMPLE_KERNEL, 'prebuilt/sample-metadata.elf');
    if (!existsSync(elf)) return this.skip();
    const program = loadProgram(new Uint8Array(readFileSync(elf)));
    const read = (file: string) => {
      const path = file.replace('/sample-kernel', SAMPLE_KERNEL);
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    };
    const labels = findLabels(program, read).filter(({ name }) => name.startsWith('.L'));
    assert.ok(labels.some(({ name }) => name === '.Lsecondary_park'));
    // Branch targets of the disassembly: each label of a kernel is one, or is fallen into or stored as a vector.
    const listing = runTool('riscv64-unknown-elf-objdump', ['-d', elf]);
    if (listing === undefined) return this.skip();
    const starts = new Set([...listing.matchAll(/^ *([0-9a-f]+):\t/gm)].map(([, hex]) => BigInt(`0x${hex}`)));
    for (const { name, addresses } of labels) {
      for (const address of addresses) assert.ok(starts.has(address), `${name} begins an instruction`);
    }
    const targets = new Set(
      [...listing.matchAll(/[\s,]([0-9a-f]+) </g)].map(([, hex]) => BigInt(`0x${hex}`)),
    );
    const hit = labels.filter(({ addresses }) => addresses.some((address) => targets.has(address)));
    assert.ok(hit.length >= labels.length / 2, `${hit.length} of ${labels.length} are jumped to`);
  });
});
