import assert from 'node:assert/strict';
import { decode } from './decode';
import type { ExtensionSet } from './extensions';
import { extensionNames, implementedExtensions, isaString, misaOf, parseIsa } from './extensions';

function parse(text: string): ExtensionSet {
  const result = parseIsa(text);
  assert.ok('extensions' in result, 'problem' in result ? result.problem : '');
  return result.extensions;
}

function problemOf(text: string): string {
  const result = parseIsa(text);
  assert.ok('problem' in result, text);
  return result.problem;
}

/** What every string with `i` means: see `broughtByBase`. */
const base = ['i', 'sv39', 'zicntr', 'zicsr', 'zifencei', 'zihpm'];
const sorted = (extensions: ExtensionSet): string[] => [...extensions].sort();

describe('ISA strings', () => {
  it('name extensions in any case and order, with underscores and version numbers or without', () => {
    const expected = [...base, 'a', 'c', 'm', 'sstc', 'zihintpause'].sort();
    for (const text of [
      'rv64imac_zihintpause_sstc',
      'RV64IMAC_Zihintpause_Sstc',
      'rv64icamzihintpause_sstc',
      'rv64i_m_a_c_sstc_zihintpause',
      'rv64i2p1_m2p0_a2p1_c2p0_zicsr2p0_zihintpause2p0_sstc1p0_sv39',
      'rv64i2p1m2p0a2p1c2p0_zihintpause_sstc',
    ]) {
      assert.deepEqual(sorted(parse(text)), expected, text);
    }
  });

  it('bring with i what left the base after version 2.0', () => {
    assert.deepEqual(sorted(parse('rv64i')), base);
  });

  it('are refused with the name that is wrong', () => {
    assert.match(problemOf('rv32imac'), /is none; write one such as rv64imac/);
    assert.match(problemOf(''), /is none/);
    assert.match(problemOf('rv64'), /is none/);
    assert.match(problemOf('rv64mac'), /lacks the base i/);
    assert.match(problemOf('rv64imacv'), /asks for v, which this machine does not have; it can be rv64ima/);
    assert.match(problemOf('rv64imac_zkne'), /asks for zkne, which this machine does not have/);
    assert.match(problemOf('rv64imac_zfrob'), /has zfrob, which is no extension's name/);
    assert.match(problemOf('rv64imac_constructor'), /which is no extension's name|does not have/);
  });

  it('of a set read back as the set', () => {
    for (const text of ['rv64i', 'rv64imac', isaString(implementedExtensions)]) {
      const set = parse(text);
      assert.deepEqual(sorted(parse(isaString(set))), sorted(set));
    }
  });
});

describe('extension sets', () => {
  it('are listed in canonical order: letters, z names by the letter that they are close to, s names', () => {
    const names = ['sstc', 'zbb', 'zba', 'zicsr', 'c', 'svinval', 'i', 'd', 'zihintpause', 'm', 'f'] as const;
    assert.deepEqual(extensionNames(new Set(names)), [
      ...['i', 'm', 'f', 'd', 'c', 'zicsr', 'zihintpause', 'zba', 'zbb', 'sstc', 'svinval'],
    ]);
  });

  it('give misa the bits of their letters, S and U, and B for all its parts', () => {
    const letters = (set: ExtensionSet): string =>
      Array.from({ length: 26 }, (_, bit) =>
        (misaOf(set) >> BigInt(bit)) & 1n ? 'abcdefghijklmnopqrstuvwxyz'[bit] : '',
      ).join('');
    assert.equal(letters(parse('rv64i')), 'isu');
    assert.equal(letters(new Set(['i', 'm', 'a', 'f', 'd', 'c'])), 'acdfimsu');
    assert.equal(letters(new Set(['i', 'zba', 'zbb'])), 'isu');
    assert.equal(letters(new Set(['i', 'zba', 'zbb', 'zbs'])), 'bisu');
    assert.equal(misaOf(new Set(['i'])) >> 62n, 2n);
  });

  it('decide what decodes', () => {
    const i = parse('rv64i');
    const MUL = 0x02c5_8533;
    const C_ADDI = 0x0505;
    const LR_W = 0x1005_a52f;
    for (const bits of [MUL, C_ADDI, LR_W]) {
      assert.notEqual(decode(bits), undefined);
      assert.notEqual(decode(bits, implementedExtensions), undefined);
      assert.equal(decode(bits, i), undefined);
    }
    const PAUSE = 0x0100_000f;
    assert.equal(decode(PAUSE, implementedExtensions)?.instruction.mnemonic, 'pause');
    // Where the hint is not defined the same bits are a fence.
    assert.equal(decode(PAUSE, i)?.instruction.mnemonic, 'fence');
  });
});
