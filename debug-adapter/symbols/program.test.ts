import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  FIXTURE_NAMES,
  fixtureBytes,
  loadFixture,
  readFixtureSource,
} from '../../test/symbols/fixtures.test-support';
import { ProgramError, type Program, type ProgramErrorCode } from './api';
import { findLabels } from './labels/labels';
import { loadProgram } from './program';

function errorOf(bytes: Uint8Array): ProgramError {
  try {
    loadProgram(bytes);
  } catch (error) {
    assert.ok(error instanceof ProgramError);
    return error;
  }
  assert.fail('the file was accepted');
}

/** A copy of a good file with some bytes replaced. */
function patched(changes: Readonly<Record<number, number>>): Uint8Array {
  const bytes = fixtureBytes('gcc-dwarf5').slice();
  for (const [at, value] of Object.entries(changes)) bytes[Number(at)] = value;
  return bytes;
}

const text = (content: string) => Uint8Array.from(content, (char) => char.charCodeAt(0));

describe('loadProgram', () => {
  it('gives entry, segments with both addresses, and text', () => {
    const program = loadFixture('gcc-dwarf5');
    assert.equal(program.entry, 0xffff_ffff_8000_0000n);
    const [first] = program.segments;
    assert.deepEqual(
      [first?.virtualAddress, first?.physicalAddress, first?.executable],
      [0xffff_ffff_8000_0000n, 0x8020_0000n, true],
    );
    assert.ok(program.text.some(({ start }) => start === program.entry));
    assert.deepEqual(program.warnings, []);
  });

  it('reads compressed debug sections as if they were not', () => {
    const [packed, plain] = [loadFixture('gcc-compressed'), loadFixture('gcc-dwarf5')];
    assert.deepEqual(packed.lines?.at(packed.entry), plain.lines?.at(plain.entry));
    const members = (program: Program) => [...program.types.struct('outer')!.members];
    assert.deepEqual(members(packed), members(plain));
    assert.deepEqual(packed.warnings, []);
  });

  it('says what to do about files that are not a linked RISC-V kernel', () => {
    const image = new Uint8Array(64);
    image.set(text('MZ'));
    image.set(text('RISCV\0\0\0RSC\x05'), 0x30);
    const cases: [Uint8Array, ProgramErrorCode, RegExp][] = [
      [new Uint8Array(0), 'empty', /is empty: build/],
      [text('\x1f\x8b\x08'), 'not-elf', /gzip.*gunzip/],
      [image, 'not-elf', /boot image.*use the vmlinux/],
      [text('MZ\x90'), 'not-elf', /PE .*vmlinux/],
      [text('!<arch>\nfoo'), 'not-elf', /archive.*link it/],
      [text('\xd0\x0d\xfe\xed'), 'not-elf', /device tree.*"dtb"/],
      [text('int main(void) {}\n'), 'not-elf', /is text.*linker/],
      [Uint8Array.of(0, 1, 2, 3), 'not-elf', /raw binary/],
      [fixtureBytes('gcc-dwarf5').subarray(0, 40), 'truncated', /after 40 bytes.*again/],
      [fixtureBytes('gcc-dwarf5').subarray(0, 3000), 'truncated', /damaged or incomplete/],
      [patched({ 18: 62 }), 'not-riscv', /for x86-64, not RISC-V: build/],
      [patched({ 18: 183 }), 'not-riscv', /for AArch64/],
      [patched({ 18: 77 }), 'not-riscv', /machine number 77/],
      [patched({ 4: 1 }), 'not-64-bit', /32-bit.*-march=rv64/],
      [patched({ 5: 2, 16: 0, 17: 2, 18: 0, 19: 243 }), 'big-endian', /big-endian.*without/],
      [patched({ 16: 1 }), 'not-executable', /relocatable object.*linked kernel/],
      [patched({ 16: 4 }), 'not-executable', /core dump/],
      [patched({ 56: 0 }), 'not-executable', /nothing to load/],
    ];
    for (const [bytes, code, sentence] of cases) {
      const error = errorOf(bytes);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, sentence);
      assert.match(error.message, /^The file .*\.$/);
    }
  });

  it('warns, and goes on, when symbols or lines are missing', () => {
    // No section headers: what "strip --strip-section-headers" leaves.
    const bytes = patched({ 60: 0, 61: 0 });
    new DataView(bytes.buffer).setBigUint64(40, 0n, true);
    const program = loadProgram(bytes);
    assert.equal(program.lines, undefined);
    assert.equal(program.symbols.symbols.length, 0);
    assert.equal(program.types.struct('outer'), undefined);
    assert.ok(program.text.length > 0, 'text comes from the segments');
    assert.equal(program.warnings.length, 2);
    for (const warning of program.warnings) assert.match(warning, /^The file has no .*: .*\.$/);
  });

  it('never throws anything but ProgramError, and always ends, whatever is in the file', () => {
    /** Asks for everything there is; false if the file is refused. */
    const exercise = (bytes: Uint8Array): boolean => {
      let program;
      try {
        program = loadProgram(bytes);
      } catch (error) {
        assert.ok(error instanceof ProgramError, String(error));
        return false;
      }
      const { lines, symbols, types } = program;
      for (const file of lines?.files ?? [])
        lines?.lines(file).forEach((line) => lines.addresses(file, line));
      for (let offset = 0n; offset < 0x100n; offset += 2n) {
        lines?.at(program.entry + offset);
        symbols.at(program.entry + offset);
      }
      for (const name of ['outer', 'inner', 'counter_t', 'missing'])
        Array.from(types.struct(name)?.members ?? []);
      types.enumerator('missing');
      findLabels(program, readFixtureSource);
      return true;
    };
    const originals = FIXTURE_NAMES.map(fixtureBytes);
    // Positions are spread evenly, or nearly all damage would be to the header, which is checked first.
    const position = fc.noShrink(fc.nat(2 ** 31 - 1)).map((n) => (n * 2654435761) % 2 ** 32);
    const damage = fc.record({
      file: fc.nat(originals.length - 1),
      changes: fc.array(
        fc.record({
          at: position,
          value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
          run: fc.integer({ min: 1, max: 9 }),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      cut: fc.option(position, { freq: 6 }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(damage, ({ file, changes, cut }) => {
        const original = originals[file]!;
        const bytes = original.slice(0, cut === null ? original.length : cut % original.length);
        for (const { at, value, run } of changes)
          bytes.fill(value, at % bytes.length, (at % bytes.length) + run);
        if (exercise(bytes)) accepted++;
      }),
      { numRuns: 400 },
    );
    assert.ok(accepted > 200, `only ${accepted} files were read beyond their header`);
  });
});
