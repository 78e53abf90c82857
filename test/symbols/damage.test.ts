/**
 * Damage where it hurts: counts, offsets, lengths and LEB128 numbers inside the headers and debug sections of programs. What a
 * reader does is counted, not timed: it must stay in proportion to the file.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ProgramError } from '../../debug-adapter/symbols/api';
import { readElf } from '../../debug-adapter/symbols/elf/elf-file';
import { callerRegisters } from '../../debug-adapter/symbols/dwarf/caller-registers';
import { loadProgram } from '../../debug-adapter/symbols/program';
import { finish } from '../../debug-adapter/symbols/steps';
import { exerciseDebugInformation } from './debug-information.test-support';
import { counting } from './counted-reads.test-support';
import { FIXTURE_NAMES, fixtureBytes } from './fixtures.test-support';

/** A reader may look at each byte several times, for several questions. */
const READS_A_BYTE = 100;
/** Far above what a file of some kilobytes can need. */
const MOST_MEMORY = 256 * 2 ** 20;

const sample = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../../sample-kernel/prebuilt/sample-metadata.elf')),
);
const originals = [...[...FIXTURE_NAMES, 'debug-frames', 'eh-frames'].map(fixtureBytes), sample];

/** Places that decide about others: the ELF header, program and section headers, symbols, and every debug section. */
const targets = originals.map((bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const sectionHeaders = Number(view.getBigUint64(40, true));
  const inside = readElf(bytes)
    .sections.filter(({ name, type }) => /^\.debug_|^\.eh_frame$|^\.(sym|str)tab$/.test(name) && type !== 8)
    .map(({ stored }) => ({ at: stored.byteOffset - bytes.byteOffset, length: stored.length }));
  return [
    { at: 24, length: 40 },
    { at: 64, length: 56 * view.getUint16(56, true) },
    { at: sectionHeaders, length: 64 * view.getUint16(60, true) },
    ...inside,
  ].filter(({ length }) => length > 0);
});

/** What breaks readers: ends, signs, continued and overlong LEB128s, sizes just below and above limits. */
const poison = fc.oneof(
  fc.constantFrom<number[]>(
    [0],
    [0xff],
    [0x80],
    [0xff, 0xff, 0xff, 0xff],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0xf0, 0xff, 0xff, 0xff],
    [0xff, 0xff, 0xff, 0x7f],
    [0, 0, 0, 0, 0, 0, 0, 0x80],
    [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    [0, 0, 0, 0],
    [1, 0, 0, 0],
  ),
  fc.array(fc.nat(255), { minLength: 1, maxLength: 4 }),
);

const registers = new Map(Array.from({ length: 31 }, (_, index) => [index + 1, BigInt(8 * index)]));

/** Asks for everything that a debugger asks for; false if the file is refused. */
function exercise(bytes: Uint8Array): boolean {
  let program;
  try {
    program = loadProgram(bytes);
  } catch (error) {
    assert.ok(error instanceof ProgramError, String(error));
    return false;
  }
  const { lines, symbols, types, callFrames } = program;
  finish(program.prepare(['outer', 'pt_regs', 'missing']));
  for (const file of lines?.files ?? []) lines!.lines(file).forEach((line) => lines!.addresses(file, line));
  for (let offset = 0n; offset < 0x80n; offset += 4n) {
    lines?.at(program.entry + offset);
    symbols.at(program.entry + offset);
    const row = callFrames?.at(program.entry + offset);
    if (row) callerRegisters(row, registers, () => new Uint8Array(8));
  }
  for (const { name } of symbols.symbols.slice(0, 100)) symbols.named(name);
  for (const name of ['outer', 'counter_t', 'pt_regs']) Array.from(types.struct(name)?.members ?? []);
  types.enumerator('RED');
  exerciseDebugInformation(program);
  return true;
}

describe('programs with damaged tables', function () {
  this.timeout(120_000);

  it('are refused, or read as far as they go, with no more work than their size is worth', () => {
    const damage = fc.record({
      file: fc.nat(originals.length - 1),
      changes: fc.array(fc.record({ target: fc.nat(1000), at: fc.nat(1_000_000), value: poison }), {
        minLength: 1,
        maxLength: 4,
      }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(damage, ({ file, changes }) => {
        const bytes = originals[file]!.slice();
        for (const { target, at, value } of changes) {
          const place = targets[file]![target % targets[file]!.length]!;
          bytes.set(
            value.slice(0, bytes.length - place.at),
            Math.min(place.at + (at % place.length), bytes.length - value.length),
          );
        }
        const memory = process.memoryUsage().arrayBuffers;
        counting(READS_A_BYTE * bytes.length, () => {
          if (exercise(bytes)) accepted++;
        });
        assert.ok(process.memoryUsage().arrayBuffers - memory < MOST_MEMORY, 'memory');
      }),
      { numRuns: 600 },
    );
    assert.ok(accepted > 300, `only ${accepted} were read beyond their headers`);
  });

  it('are read as far as they go wherever they end', () => {
    const original = fixtureBytes('gcc-dwarf5');
    for (let length = 0; length < original.length; length += 37) {
      counting(READS_A_BYTE * original.length, () => void exercise(original.slice(0, length)));
    }
  });
});
