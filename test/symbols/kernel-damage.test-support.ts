/**
 * Damage to a whole kernel, the same for the same seed: values that break readers, where counts, offsets, lengths and LEB128
 * numbers are; stretches overwritten, moved or filled; files that end early.
 */
import { ByteReader } from '../../debug-adapter/symbols/bytes/byte-reader';
import { readElf } from '../../debug-adapter/symbols/elf/elf-file';
import { xorshift } from '../../emulator/xorshift.test-support';

interface Stretch {
  readonly name: string;
  readonly at: number;
  readonly length: number;
  /** Where records with lengths and offsets begin; empty where everything is alike. */
  readonly records: readonly number[];
}

export interface Damage {
  readonly description: string;
  /** The damaged file, which shares its memory with the original: to be mended before the next one. */
  readonly bytes: Uint8Array;
  readonly mend: () => void;
}

/** Ends, signs, continued and overlong LEB128s, sizes just below and above limits. */
const poison: readonly (readonly number[])[] = [
  [0],
  [1],
  [0x7f],
  [0x80],
  [0xff],
  [0, 0, 0, 0],
  [1, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0xf0, 0xff, 0xff, 0xff],
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0x80],
  [0, 0, 0, 0, 1, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
];
const damaged = /^\.debug_(info|abbrev|line|line_str|str|str_offsets|rnglists|frame)$|^\.(sym|str|shstr)tab$/;
const programHeader = 56;
const sectionHeader = 64;
/** Bytes of a record that are worth damaging: a unit's header and its first DIE. */
const recordHead = 64;
const manyChanges = 3000;
const longestStretch = 2 ** 20;

export class KernelDamage {
  readonly #bytes: Uint8Array;
  readonly #stretches: readonly Stretch[];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#stretches = stretches(bytes);
  }

  /** The caller must mend one before it asks for the next. */
  make(seed: number): Damage {
    const random = generator(seed);
    const stretch = random.of(this.#stretches);
    const kind = random.of(['change', 'change', 'changes', 'many changes', 'fill', 'move', 'cut'] as const);
    const before: { readonly at: number; readonly was: Uint8Array }[] = [];
    const write = (at: number, value: ArrayLike<number>) => {
      const place = Math.min(at, stretch.at + stretch.length - value.length);
      if (place < stretch.at) return;
      before.push({ at: place, was: this.#bytes.slice(place, place + value.length) });
      this.#bytes.set(value, place);
    };
    let bytes = this.#bytes;
    switch (kind) {
      case 'change':
        write(place(stretch, random), random.of(poison));
        break;
      case 'changes':
        for (let left = 4; left > 0; left--) write(place(stretch, random), random.of(poison));
        break;
      case 'many changes':
        for (let left = manyChanges; left > 0; left--) write(place(stretch, random), random.of(poison));
        break;
      case 'fill': {
        const length = 1 + random.below(Math.min(stretch.length, longestStretch));
        write(place(stretch, random), new Uint8Array(length).fill(random.of([0, 1, 0x80, 0xff])));
        break;
      }
      case 'move': {
        const length = 1 + random.below(Math.min(stretch.length, longestStretch));
        const from = stretch.at + random.below(stretch.length - length + 1);
        write(place(stretch, random), this.#bytes.slice(from, from + length));
        break;
      }
      case 'cut':
        bytes = this.#bytes.subarray(0, place(stretch, random));
    }
    const mend = () => {
      for (const { at, was } of before.reverse()) this.#bytes.set(was, at);
    };
    return { description: `${kind} in ${stretch.name}`, bytes, mend };
  }
}

interface Random {
  readonly below: (limit: number) => number;
  readonly of: <T>(choices: readonly T[]) => T;
}

function generator(seed: number): Random {
  // Neighbouring seeds would begin alike.
  const next = xorshift(Math.imul(seed + 1, 0x9e37_79b9) | 1);
  const below = (limit: number) => next() % limit;
  return { below, of: (choices) => choices[below(choices.length)]! };
}

function place({ at, length, records }: Stretch, random: Random): number {
  if (records.length === 0 || random.below(3) === 0) return at + random.below(length);
  return random.of(records) + random.below(recordHead);
}

/** The ELF header behind its identification, program and section headers, symbols, and the debug sections. */
function stretches(bytes: Uint8Array): readonly Stretch[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const headers: Stretch[] = [
    { name: 'the ELF header', at: 16, length: 48, records: [] },
    {
      name: 'the program headers',
      at: Number(view.getBigUint64(32, true)),
      length: programHeader * view.getUint16(56, true),
      records: [],
    },
    {
      name: 'the section headers',
      at: Number(view.getBigUint64(40, true)),
      length: sectionHeader * view.getUint16(60, true),
      records: [],
    },
  ];
  const sections = readElf(bytes)
    .sections.filter(({ name }) => damaged.test(name))
    .map(({ name, stored }) => {
      const at = stored.byteOffset - bytes.byteOffset;
      const records = /_(info|line)$/.test(name) ? unitsOf(stored).map((offset) => at + offset) : [];
      return { name, at, length: stored.length, records };
    });
  return [...headers, ...sections].filter(({ length }) => length > 0);
}

/** Positions of the units of `.debug_info` or `.debug_line` (32-bit DWARF 5 §7.4). */
function unitsOf(section: Uint8Array): number[] {
  const units: number[] = [];
  const reader = new ByteReader(section);
  while (reader.more()) {
    units.push(reader.offset);
    reader.skip(reader.u32());
  }
  return units;
}
