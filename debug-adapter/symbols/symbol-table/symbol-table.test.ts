import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FIXTURE_NAMES, fixtureText, loadFixture } from '../../../test/symbols/fixtures.test-support';
import type { ElfFile } from '../elf/elf-file';
import { KINDS, nameOf, readSymbols, SymbolFlag, type SymbolColumns } from '../elf/symbols';
import type { ProgramSymbol } from '../api';
import { createSymbolTable as fromColumns } from './symbol-table';

const SECTION_END = 0x1000;

type ListedSymbol = ProgramSymbol & { readonly weak: boolean };

function symbol(name: string, address: number, size = 0, changes: Partial<ListedSymbol> = {}): ListedSymbol {
  return { name, address: BigInt(address), size, kind: 'function', global: true, weak: false, ...changes };
}

/** The table of symbols as the reader of ELF files gives them, in a section that ends at {@link SECTION_END}. */
function createSymbolTable(listed: readonly ListedSymbol[]) {
  const names = listed.map(({ name }) => new TextEncoder().encode(`${name}\0`));
  const columns: SymbolColumns = {
    count: listed.length,
    low: Uint32Array.from(listed, ({ address }) => Number(address & 0xffff_ffffn)),
    high: Uint32Array.from(listed, ({ address }) => Number(address >> 32n)),
    size: Float64Array.from(listed, ({ size }) => size),
    room: Float64Array.from(listed, ({ address }) => SECTION_END - Number(address)),
    flags: Uint8Array.from(
      listed,
      ({ name, kind, global, weak, size }) =>
        KINDS.indexOf(kind) |
        (global ? SymbolFlag.global : 0) |
        (weak ? SymbolFlag.weak : 0) |
        (size > 0 ? SymbolFlag.sized : 0) |
        (name.startsWith('.L') ? SymbolFlag.local : 0),
    ),
    name: Uint32Array.from(names, (_, i) => names.slice(0, i).reduce((sum, { length }) => sum + length, 0)),
    strings: Uint8Array.from(names.flatMap((bytes) => [...bytes])),
  };
  return fromColumns(columns);
}
const label = (name: string, address: number) => symbol(name, address, 0, { kind: 'label', global: false });

/** `symbol+0xoff/0xsize`, as kernels print it. */
function show(symbols: readonly ListedSymbol[], address: number): string {
  const found = createSymbolTable(symbols).at(BigInt(address));
  if (found === undefined) return 'none';
  return `${found.name}+0x${(address - Number(found.address)).toString(16)}/0x${found.size.toString(16)}`;
}

describe('readSymbols', () => {
  it('leaves out what compiler and assembler have numbered, of which a relocatable kernel keeps millions', () => {
    const names = ['.L12', '.LVL3', '.LASF1', '.L', '.Lpark', '.Lpark1', 'L12', '_start'];
    const strings = new TextEncoder().encode(`\0${names.join('\0')}\0`);
    const table = new Uint8Array(24 * names.length);
    const view = new DataView(table.buffer);
    let name = 1;
    names.forEach((text, i) => {
      view.setUint32(24 * i, name, true);
      view.setUint16(24 * i + 6, 1, true);
      view.setBigUint64(24 * i + 8, 0x1000n, true);
      name += text.length + 1;
    });
    const code = { type: 1, allocated: true, executable: true, address: 0x1000n, size: 0x100, link: 0 };
    const sections = [{ type: 0 }, code, { type: 2, link: 3, stored: table }, { type: 3, stored: strings }];
    const columns = readSymbols({ sections } as unknown as ElfFile);
    const kept = Array.from({ length: columns.count }, (_, i) => nameOf(columns, i));
    assert.deepEqual(kept, ['.L', '.Lpark', '.Lpark1', 'L12', '_start']);
  });
});

describe('SymbolTable', () => {
  it('gives symbols without a size the distance to the next one of their section', () => {
    const symbols = [symbol('_start', 0x100), symbol('park', 0x140), symbol('data', 0x1000)];
    assert.equal(show(symbols, 0x13f), '_start+0x3f/0x40');
    assert.equal(show(symbols, 0x140), 'park+0x0/0xec0');
    assert.equal(show(symbols, 0xff), 'none');
  });

  it('names an address after the last symbol before it, be it a label inside a function', () => {
    const symbols = [symbol('handle_exception', 0x100, 0x80), label('inner', 0x120), label('after', 0x180)];
    assert.equal(show(symbols, 0x11f), 'handle_exception+0x1f/0x80');
    assert.equal(show(symbols, 0x130), 'inner+0x10/0x60');
    assert.equal(show(symbols, 0x184), 'after+0x4/0xe80');
  });

  it('gives the innermost of nested functions, and the outer one again behind it', () => {
    const symbols = [symbol('outer', 0x100, 0x100), symbol('inner', 0x140, 0x10)];
    assert.deepEqual(
      [0x13f, 0x14f, 0x150, 0x200].map((address) => show(symbols, address)),
      ['outer+0x3f/0x100', 'inner+0xf/0x10', 'outer+0x50/0x100', 'none'],
    );
  });

  it('leaves bytes between functions without a name', () => {
    assert.equal(show([symbol('a', 0x100, 8), symbol('b', 0x110, 8)], 0x10c), 'none');
  });

  it('prefers functions to labels, global to local and strong to weak names of one address', () => {
    const at = (...symbols: ListedSymbol[]) => createSymbolTable(symbols).at(0x100n)?.name;
    const local = symbol('local', 0x100, 8, { global: false });
    const weak = symbol('weak', 0x100, 8, { weak: true });
    assert.equal(at(label('_stext', 0x100), local), 'local');
    assert.equal(at(symbol('global', 0x100, 8), local), 'global');
    assert.equal(at(symbol('strong', 0x100, 8), weak), 'strong');
    assert.equal(at(symbol('__sys_read', 0x100, 8), symbol('sys_read', 0x100, 8)), 'sys_read');
  });

  it('finds .L labels by name and never names an address after one', () => {
    const symbols = [symbol('no_size', 0x100), label('.Lpark', 0x120)];
    assert.equal(show(symbols, 0x124), 'no_size+0x24/0xf00');
    assert.equal(createSymbolTable(symbols).named('.Lpark')[0]?.address, 0x120n);
  });

  it('keeps all symbols of one name', () => {
    const table = createSymbolTable([symbol('cleanup', 0x100, 8), symbol('cleanup', 0x200, 8)]);
    assert.deepEqual(
      table.named('cleanup').map(({ address }) => address),
      [0x100n, 0x200n],
    );
    assert.deepEqual(table.named('toString'), []);
  });

  it('answers as a search through all sized symbols does', () => {
    const listed = fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 60 })), { maxLength: 30 });
    fc.assert(
      fc.property(listed, (places) => {
        const symbols = places.map(([address, size], i) => symbol(`s${i}`, address, size));
        const table = createSymbolTable(symbols);
        for (let address = 0; address < 270; address++) {
          const covering = symbols.filter(
            (it) => it.address <= address && address < Number(it.address) + it.size,
          );
          const nearest = Math.max(...covering.map((it) => Number(it.address)));
          const found = table.at(BigInt(address));
          assert.equal(found === undefined, covering.length === 0);
          if (found !== undefined) assert.equal(Number(found.address), nearest);
        }
      }),
    );
  });

  for (const name of FIXTURE_NAMES) {
    it(`lists the symbols of ${name} as nm does`, () => {
      const { symbols } = loadFixture(name).symbols;
      const listing = [...fixtureText(`${name}.symbols.txt`).matchAll(/^(\S{16})(?: (\S{16}))? \w (\S+)$/gm)];
      assert.ok(listing.length >= 12);
      for (const [, address, size, symbolName] of listing) {
        const found = symbols.find((it) => it.name === symbolName);
        assert.equal(found?.address, BigInt(`0x${address}`), symbolName);
        if (size !== undefined) assert.equal(found.size, Number(`0x${size}`), symbolName);
      }
      assert.equal(symbols.filter(({ name: it }) => !it.startsWith('.L')).length, listing.length);
    });
  }

  it('ends assembly functions without a size at the next label, and labels at their section', () => {
    const { symbols } = loadFixture('gcc-dwarf5');
    const sizeOf = (name: string) => symbols.named(name)[0]?.size;
    assert.deepEqual([sizeOf('no_size'), sizeOf('inner_label'), sizeOf('after')], [2, 8, 2]);
    assert.equal(symbols.at(symbols.named('after')[0]!.address)?.name, 'after');
    assert.equal(symbols.named('_start')[0]?.kind, 'function');
  });
});
