/** Line programs written by hand: what no compiler at hand emits, but the standard and older tools do. */
import assert from 'node:assert/strict';
import { LNE, LNS } from './constants';
import { readLineHeader } from './line-header';
import { readLineRows } from './line-program';
import { DwarfSections } from './sections';
import { SourceFiles } from './source-files';

const u32 = (value: number) => [
  value & 0xff,
  (value >> 8) & 0xff,
  (value >> 16) & 0xff,
  (value >>> 24) & 0xff,
];
const u64 = (low: number, high = 0) => [...u32(low), ...u32(high)];
const text = (content: string) => [...new TextEncoder().encode(`${content}\0`)];
const setAddress = (low: number, high = 0) => [0, 9, LNE.set_address, ...u64(low, high)];
const END = [0, 1, LNE.end_sequence];

interface Shape {
  readonly version?: number;
  readonly minimumInstructionLength?: number;
  readonly lineBase?: number;
  readonly lineRange?: number;
  /** Operand counts of the standard opcodes. */
  readonly operands?: readonly number[];
  readonly directories?: readonly string[];
}

/** A `.debug_line` of version 2–4 with one program; file 1 is `a.S`. */
function lineSection(program: readonly number[], shape: Shape = {}): Uint8Array {
  const { version = 4, operands = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1] } = shape;
  const tables = [
    ...(shape.directories ?? []).flatMap(text),
    0,
    ...text('a.S'),
    ...[0, 0, 0],
    ...text('b.S'),
    ...[1, 0, 0],
    0,
  ];
  const parameters = [
    shape.minimumInstructionLength ?? 1,
    ...(version >= 4 ? [1] : []),
    1,
    (shape.lineBase ?? -5) & 0xff,
    shape.lineRange ?? 14,
    operands.length + 1,
    ...operands,
  ];
  const rest = [...parameters, ...tables];
  const body = [version, 0, ...u32(rest.length), ...rest, ...program];
  return Uint8Array.from([...u32(body.length), ...body]);
}

/** `address file:line` of each row, ends of sequences as `end`; a `*` marks statements. */
function rowsOf(bytes: Uint8Array): string[] {
  const sections = new DwarfSections((name) => (name === '.debug_line' ? bytes : undefined));
  const sources = new SourceFiles(sections);
  const header = readLineHeader(sections, 0, { compilationDirectory: '/k', unit: undefined }, sources)!;
  const rows = readLineRows(sections, sources, header, () => true);
  return rows.sequences.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, i) => {
      const row = first + i;
      const address = rows.address[row]!.toString(16);
      if (row === last) return `${address} end`;
      return `${address} ${sources.paths[rows.files[rows.file[row]!]!] ?? '?'}:${rows.line[row]}${rows.isStatement[row] ? '*' : ''}`;
    }),
  );
}

describe('readLineRows', () => {
  it('takes every way to advance', () => {
    const program = [
      ...setAddress(0x8000_0000),
      LNS.copy,
      ...[LNS.advance_pc, 0x84, 1],
      ...[LNS.advance_line, 0x7f],
      ...[LNS.advance_line, 9],
      LNS.copy,
      LNS.const_add_pc, // (255 - 13) / 14 = 17
      LNS.negate_stmt,
      ...[LNS.fixed_advance_pc, 0x00, 0x10],
      LNS.copy,
      13 + 14 * 2 + 6, // special: two bytes on, one line on
      ...[LNS.advance_pc, 2],
      ...END,
    ];
    assert.deepEqual(rowsOf(lineSection(program)), [
      '80000000 /k/a.S:1*',
      '80000084 /k/a.S:9*',
      '80001095 /k/a.S:9',
      '80001097 /k/a.S:10',
      '80001099 end',
    ]);
  });

  it('multiplies by the minimum instruction length, except in fixed_advance_pc', () => {
    const program = [
      ...setAddress(0x1000),
      LNS.copy,
      ...[LNS.advance_pc, 3],
      LNS.copy,
      ...[LNS.fixed_advance_pc, 3, 0],
      LNS.copy,
      13 + 14 + 5,
      ...END,
    ];
    assert.deepEqual(rowsOf(lineSection(program, { minimumInstructionLength: 2 })).slice(0, 4), [
      '1000 /k/a.S:1*',
      '1006 /k/a.S:1*',
      '1009 /k/a.S:1*',
      '100b /k/a.S:1*',
    ]);
  });

  it('takes opcodes above a small opcode base as special ones, and steps over those it does not know', () => {
    const old = [...setAddress(0x1000), 10 + 14 + 6, ...[LNS.advance_pc, 2], ...END];
    const nine = [0, 1, 1, 1, 1, 0, 0, 0, 1];
    assert.deepEqual(rowsOf(lineSection(old, { version: 2, operands: nine })), [
      '1001 /k/a.S:2*',
      '1003 end',
    ]);
    const unknown = [
      ...setAddress(0x1000),
      ...[13, 0x80, 1, 7],
      ...[0, 3, 0x80, 1, 2],
      LNS.copy,
      ...[LNS.advance_pc, 2],
      ...END,
    ];
    const more = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 2];
    assert.deepEqual(rowsOf(lineSection(unknown, { operands: more })), ['1000 /k/a.S:1*', '1002 end']);
  });

  it('joins directories with the compilation directory, for files that the program defines too', () => {
    const program = [
      ...setAddress(0x1000),
      ...[LNS.set_file, 2],
      LNS.copy,
      ...[0, 1 + 4 + 3, LNE.define_file, ...text('c.S'), 2, 0, 0],
      ...[LNS.set_file, 3],
      13 + 14 + 6,
      ...[LNS.set_file, 99],
      13 + 14 + 6,
      ...[LNS.advance_pc, 2],
      ...END,
    ];
    assert.deepEqual(rowsOf(lineSection(program, { directories: ['lib', '/abs'] })), [
      '1000 /k/lib/b.S:1*',
      '1001 /abs/c.S:2*',
      '1002 ?:3*',
      '1004 end',
    ]);
  });

  it('sorts rows that go back, as assembly with subsections makes them', () => {
    const program = [
      ...setAddress(0x1010),
      LNS.copy,
      ...setAddress(0x1000),
      13 + 6,
      ...setAddress(0x1020),
      ...END,
    ];
    assert.deepEqual(rowsOf(lineSection(program)), ['1000 /k/a.S:2*', '1010 /k/a.S:1*', '1020 end']);
  });

  it('keeps the order of sequences by address, kernel addresses as negative numbers', () => {
    const sequence = (low: number, high: number) => [
      ...setAddress(low, high),
      LNS.copy,
      ...[LNS.advance_pc, 2],
      ...END,
    ];
    assert.deepEqual(rowsOf(lineSection([...sequence(0x1000, 0), ...sequence(0x8000_0000, 0xffff_ffff)])), [
      '-80000000 /k/a.S:1*',
      '-7ffffffe end',
      '1000 /k/a.S:1*',
      '1002 end',
    ]);
  });

  it('drops sequences without code, without an end, and at addresses that mark dropped code', () => {
    const program = [
      ...[...setAddress(0x1000), LNS.copy, ...END],
      ...[...setAddress(0, 0x8000_0000), LNS.copy, LNS.advance_pc, 2, ...END],
      ...[...setAddress(0x2000), LNS.copy],
    ];
    assert.deepEqual(rowsOf(lineSection(program)), []);
  });
});
