/** ELF files made by hand: a few instructions at an address, and symbols. System V ABI, "Object Files". */

export interface TinyElf {
  /** Instruction words. */
  readonly code: readonly number[];
  /** Where they are loaded and linked; also the entry. */
  readonly address?: bigint;
  /** Names of addresses. */
  readonly symbols?: Readonly<Record<string, bigint>>;
  /** Contents of sections that are not loaded, by name. */
  readonly extra?: Readonly<Record<string, Uint8Array>>;
  readonly machine?: number;
  readonly elfClass?: 1 | 2;
  /** 2 = executable, 1 = relocatable. */
  readonly type?: number;
}

const headerSize = 64;
const programHeaderSize = 56;
const sectionHeaderSize = 64;
const symbolSize = 24;
const riscv = 243;

export function tinyElf({
  code,
  address = 0x8000_0000n,
  symbols = {},
  extra = {},
  machine = riscv,
  elfClass = 2,
  type = 2,
}: TinyElf): Buffer {
  const text = Buffer.alloc(code.length * 4);
  code.forEach((word, index) => text.writeUInt32LE(word >>> 0, index * 4));
  const sectionNames = Buffer.from(
    `\0.text\0.symtab\0.strtab\0.shstrtab\0${Object.keys(extra)
      .map((name) => `${name}\0`)
      .join('')}`,
  );
  const names = Buffer.from(`\0${Object.keys(symbols).join('\0')}\0`);
  const table = symbolTable(symbols, names);

  const textAt = headerSize + programHeaderSize;
  const tableAt = textAt + text.length;
  const namesAt = tableAt + table.length;
  const sectionNamesAt = namesAt + names.length;
  const extraAt = sectionNamesAt + sectionNames.length;
  const contents = Buffer.concat(Object.values(extra));
  const sectionsAt = extraAt + contents.length;

  const header = Buffer.alloc(headerSize);
  header.write('\x7fELF', 'latin1');
  header.set([elfClass, 1, 1], 4);
  header.writeUInt16LE(type, 16);
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(address, 24);
  header.writeBigUInt64LE(BigInt(headerSize), 32);
  header.writeBigUInt64LE(BigInt(sectionsAt), 40);
  [headerSize, programHeaderSize, 1, sectionHeaderSize, 5 + Object.keys(extra).length, 4].forEach(
    (value, index) => header.writeUInt16LE(value, 52 + 2 * index),
  );

  const segment = Buffer.alloc(programHeaderSize);
  segment.writeUInt32LE(1, 0);
  segment.writeUInt32LE(5, 4);
  [textAt, address, address, text.length, text.length, 4096].forEach((value, index) =>
    segment.writeBigUInt64LE(BigInt(value), 8 + 8 * index),
  );

  const sections = [
    section({}),
    section({ name: 1, type: 1, flags: 6, address, at: textAt, size: text.length }),
    section({ name: 7, type: 2, at: tableAt, size: table.length, link: 3, info: 1, entry: symbolSize }),
    section({ name: 15, type: 3, at: namesAt, size: names.length }),
    section({ name: 23, type: 3, at: sectionNamesAt, size: sectionNames.length }),
  ];
  let at = extraAt;
  for (const [name, { length: size }] of Object.entries(extra)) {
    sections.push(section({ name: sectionNames.indexOf(`\0${name}\0`) + 1, type: 1, at, size }));
    at += size;
  }
  return Buffer.concat([header, segment, text, table, names, sectionNames, contents, ...sections]);
}

function symbolTable(symbols: Readonly<Record<string, bigint>>, names: Buffer): Buffer {
  const entries = Object.entries(symbols).map(([name, value]) => {
    const entry = Buffer.alloc(symbolSize);
    entry.writeUInt32LE(names.indexOf(`\0${name}\0`) + 1, 0);
    entry.writeUInt8(0x10, 4);
    entry.writeUInt16LE(1, 6);
    entry.writeBigUInt64LE(value, 8);
    return entry;
  });
  return Buffer.concat([Buffer.alloc(symbolSize), ...entries]);
}

interface Section {
  readonly name?: number;
  readonly type?: number;
  readonly flags?: number;
  readonly address?: bigint;
  readonly at?: number;
  readonly size?: number;
  readonly link?: number;
  readonly info?: number;
  readonly entry?: number;
}

function section(of: Section): Buffer {
  const header = Buffer.alloc(sectionHeaderSize);
  header.writeUInt32LE(of.name ?? 0, 0);
  header.writeUInt32LE(of.type ?? 0, 4);
  [of.flags ?? 0, of.address ?? 0n, of.at ?? 0, of.size ?? 0].forEach((value, index) =>
    header.writeBigUInt64LE(BigInt(value), 8 + 8 * index),
  );
  header.writeUInt32LE(of.link ?? 0, 40);
  header.writeUInt32LE(of.info ?? 0, 44);
  header.writeBigUInt64LE(BigInt(of.entry ?? 0), 56);
  return header;
}

/** M-mode code that ends the machine through the test device with a code (QEMU hw/misc/sifive_test.c). */
export function exitWith(code: number): TinyElf {
  const status = code === 0 ? 0x5555 : (code << 16) | 0x3333;
  const upper = ((status + 0x800) >>> 12) & 0xfffff;
  const lower = status & 0xfff;
  return {
    code: [
      (upper << 12) | 0x2b7, // lui t0, %hi(status)
      (lower << 20) | 0x2829b, // addiw t0, t0, %lo(status)
      0x00100337, // lui t1, 0x100
      0x00532023, // sw t0, 0(t1)
      0x0000006f, // j .
    ],
  };
}

/** M-mode code that waits for an interrupt that nothing will ever raise; `never` is behind it. */
export const waitForEver: TinyElf = {
  code: [
    0x10500073, // wfi
    0xffdff06f, // j back to it
    0x00000013, // never: nop
  ],
  symbols: { never: 0x8000_0008n },
};
