/** Files that are made to cost too much: tables that are many times the file, lists that are walked again and again. */
import assert from 'node:assert/strict';
import { ProgramError } from '../../debug-adapter/symbols/api';
import { readElf } from '../../debug-adapter/symbols/elf/elf-file';
import { loadProgram } from '../../debug-adapter/symbols/program';
import { counting } from './counted-reads.test-support';
import { fixtureBytes } from './fixtures.test-support';

const original = fixtureBytes('gcc-dwarf5');
const symbolSize = 24;
const sectionHeaderSize = 64;
const programHeaderSize = 56;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Appends contents; the result is the larger file and where they are. */
function append(bytes: Uint8Array, contents: Uint8Array): { readonly file: Uint8Array; readonly at: number } {
  const at = Math.ceil(bytes.length / 8) * 8;
  const file = new Uint8Array(at + contents.length);
  file.set(bytes);
  file.set(contents, at);
  return { file, at };
}

/** The file with other contents for a section. */
function withSection(bytes: Uint8Array, name: string, contents: Uint8Array): Uint8Array {
  const { index } = readElf(bytes).sections.find((section) => section.name === name)!;
  const { file, at } = append(bytes, contents);
  const view = viewOf(file);
  const header = Number(view.getBigUint64(40, true)) + index * sectionHeaderSize;
  view.setBigUint64(header + 24, BigInt(at), true);
  view.setBigUint64(header + 32, BigInt(contents.length), true);
  return file;
}

describe('programs that are made to cost too much', () => {
  it('are refused if they load their bytes more than once', () => {
    const count = 1000;
    const headers = new Uint8Array(count * programHeaderSize);
    const { file, at } = append(original, headers);
    const view = viewOf(file);
    view.setBigUint64(32, BigInt(at), true);
    view.setUint16(56, count, true);
    for (let header = at; header < file.length; header += programHeaderSize) {
      view.setUint32(header, 1, true); // PT_LOAD
      view.setBigUint64(header + 32, BigInt(file.length), true);
      view.setBigUint64(header + 40, BigInt(file.length), true);
    }
    assert.throws(
      () => loadProgram(file),
      (error) => error instanceof ProgramError && error.code === 'damaged',
    );
  });

  it('are read without sections that no symbol could be in', () => {
    const count = 100_000;
    const { file, at } = append(original, new Uint8Array(count * sectionHeaderSize));
    const view = viewOf(file);
    view.setBigUint64(40, BigInt(at), true);
    view.setUint16(60, 0, true);
    view.setBigUint64(at + 32, BigInt(count), true); // where the null section has a count that does not fit
    const { sections, warnings } = readElf(file);
    assert.equal(sections.length, 0xff00);
    assert.match(warnings.join(), /100000 sections, which is damage/);
  });

  it('may have all their symbols at one address', () => {
    const count = 200_000;
    const { entry, sections } = readElf(original);
    const text = sections.findIndex(({ name }) => name === '.text');
    const symbols = new Uint8Array(count * symbolSize);
    const view = viewOf(symbols);
    for (let at = 0; at < symbols.length; at += symbolSize) {
      view.setUint32(at, 1, true);
      symbols[at + 4] = 0x12; // a global function
      view.setUint16(at + 6, text, true);
      view.setBigUint64(at + 8, entry, true);
      view.setBigUint64(at + 16, 4n, true);
    }
    const program = loadProgram(withSection(original, '.symtab', symbols));
    assert.equal(program.symbols.symbols.length, count);
    assert.equal(program.symbols.at(entry + 2n)?.address, entry);
  });

  it('may have structures whose members all begin the same long list', () => {
    const [members, elements] = [2000, 200_000];
    // 1: unit, 2: structure with a name, 3: member with name and type, 4: array, 5: nothing
    const abbreviations = Uint8Array.of(
      ...[1, 0x11, 1, 0, 0],
      ...[2, 0x13, 1, 0x03, 0x08, 0, 0],
      ...[3, 0x0d, 0, 0x03, 0x08, 0x49, 0x13, 0, 0],
      ...[4, 0x01, 1, 0, 0],
      ...[5, 0x24, 0, 0, 0],
      0,
    );
    const array = 12 + 1 + 3 + members * 8 + 1;
    const info = new Uint8Array(array + 1 + elements + 2);
    const view = viewOf(info);
    view.setUint32(0, info.length - 4, true);
    view.setUint16(4, 5, true);
    info.set([1, 8], 6); // DW_UT_compile, size of an address
    info.set([1, 2, 0x73, 0], 12); // structure "s"
    for (let member = 0, at = 16; member < members; member++, at += 8) {
      info[at] = 3;
      info.set(new TextEncoder().encode(member.toString(36).padStart(2, '_')).subarray(0, 2), at + 1);
      view.setUint32(at + 4, array, true);
    }
    info[array] = 4;
    info.fill(5, array + 1, array + 1 + elements);
    const file = withSection(withSection(original, '.debug_abbrev', abbreviations), '.debug_info', info);
    counting(5_000_000, () => {
      const { types } = loadProgram(file);
      assert.ok(Array.from(types.struct('s')!.members).length > 1000);
    });
  });

  it('may have names that never end, each beginning inside the one before', () => {
    // An abbreviation of a root with children, and one of a typedef with a DW_FORM_strp name.
    const abbreviations = Uint8Array.of(1, 0x11, 1, 0, 0, 2, 0x16, 0, 3, 0x0e, 0, 0, 0);
    const count = 300_000;
    const unit = new Uint8Array(12 + 5 * count);
    const view = viewOf(unit);
    view.setUint32(0, unit.length - 4, true);
    // Version 4, abbreviations at 0, addresses of 8 bytes, and the root.
    unit.set([4, 0, 0, 0, 0, 0, 8, 1], 4);
    for (let die = 0; die < count; die++) {
      unit[12 + 5 * die] = 2;
      view.setUint32(13 + 5 * die, die, true);
    }
    const strings = new Uint8Array(count + 1000).fill(0x61);
    let file = withSection(original, '.debug_abbrev', abbreviations);
    file = withSection(file, '.debug_info', unit);
    file = withSection(file, '.debug_str', strings);
    const { debug } = loadProgram(file);
    assert.ok(debug);
    const start = performance.now();
    let steps = 0;
    for (const work = debug.readNames(); work.next().done !== true;) steps++;
    assert.ok(steps > 100, `${steps} steps`);
    assert.equal(debug.type('aaaa'), undefined);
    assert.ok(performance.now() - start < 2000);
  });
});
