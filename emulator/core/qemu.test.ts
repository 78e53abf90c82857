import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guest } from '../guest.test-support';
import { decode } from '../isa/decode';
import { disassemble } from '../isa/disassemble';
import { insertFields } from '../isa/encoding';
import { compressedInstructions, instructions } from '../isa/table';
import { RAM_BASE } from './guest-memory';
import { TestHart } from './test-hart.test-support';

const QEMU = 'qemu-system-riscv64';
const UART = 0x1000_0000;
const TEST_DEVICE = 0x10_0000;
const POWER_OFF = 0x5555;

const BLOCKS = 250;
const BLOCK_INSTRUCTIONS = 40;
const DATA = RAM_BASE + 0x8_0000;
const DUMP = RAM_BASE + 0x9_0000;
const DUMP_SIZE = BLOCKS * 256;

/** Registers that programs leave alone: pointers into the data for loads and stores, for atomics, and for the dump. */
const SP = 2;
const DUMP_POINTER = 25;
const ATOMIC_POINTER = 26;
const DATA_POINTER = 27;
const reserved = [SP, DUMP_POINTER, ATOMIC_POINTER, DATA_POINTER];

function random(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

const isStraightLine = (mnemonic: string): boolean =>
  !/^(jal|jalr|b..u?|csr.*|ecall|ebreak|[ms]ret|wfi|sfence\.vma|fence\.i|lr\..|sc\..|auipc)$/.test(mnemonic);
const isMemoryAccess = (operands: string): boolean => operands.endsWith('(rs1)');
const candidates = instructions.filter(({ mnemonic }) => isStraightLine(mnemonic));

/** A random instruction that neither leaves the program nor loses its pointers. */
function randomInstruction(next: () => number): Uint8Array {
  for (;;) {
    const bits = next() & 1 ? randomWord(next) : randomHalfword(next);
    const decoded = bits === undefined ? undefined : decode(bits);
    if (!decoded || !isStraightLine(decoded.instruction.mnemonic)) continue;
    const { rd = 0, rs1 = 0 } = decoded.fields;
    if (reserved.includes(rd)) continue;
    if (isMemoryAccess(decoded.instruction.operands) && ![SP, ATOMIC_POINTER, DATA_POINTER].includes(rs1))
      continue;
    return new Uint8Array(Uint32Array.of(bits!).buffer).subarray(0, decoded.length);
  }
}

function randomWord(next: () => number): number | undefined {
  const { encoding, operands, mnemonic } = candidates[next() % candidates.length]!;
  const bits = ((next() & ~encoding.mask) | encoding.match) >>> 0;
  const decoded = decode(bits);
  if (!decoded || !isMemoryAccess(operands)) return bits;
  const rs1 = mnemonic.startsWith('amo') ? ATOMIC_POINTER : DATA_POINTER;
  return insertFields(encoding, { ...decoded.fields, rs1 });
}

function randomHalfword(next: () => number): number {
  const { encoding } = compressedInstructions[next() % compressedInstructions.length]!;
  return ((next() & 0xffff & ~encoding.mask) | encoding.match) >>> 0;
}

/** Stores all registers and moves on; the same wherever it stands. */
const dump = ((): Uint8Array => {
  const stores = Array.from({ length: 31 }, (_, index) => `sd x${index + 1},${index * 8}(x${DUMP_POINTER})`);
  const source = `${stores.join('\n')}\naddi x${DUMP_POINTER},x${DUMP_POINTER},256`;
  return guest(source).image.segments[0]!.data;
})();

function buildProgram(seed: number): Uint8Array {
  const next = random(seed);
  const parts: Uint8Array[] = [];
  const add = (source: string) => {
    const address = RAM_BASE + parts.reduce((sum, part) => sum + part.length, 0);
    parts.push(guest(source, address).image.segments[0]!.data);
  };
  const initial = Array.from(
    { length: 31 },
    (_, index) => `li x${index + 1},${BigInt(next()) << BigInt(next() % 33)}`,
  );
  add(initial.join('\n'));
  const middle = DATA + 2048;
  add(
    `li x${SP},${middle}\nli x${DUMP_POINTER},${DUMP}\nli x${ATOMIC_POINTER},${middle}\nli x${DATA_POINTER},${middle}`,
  );
  for (let block = 0; block < BLOCKS; block++) {
    let bytes = 0;
    for (let count = 0; count < BLOCK_INSTRUCTIONS; count++) {
      const instruction = randomInstruction(next);
      parts.push(instruction);
      bytes += instruction.length;
    }
    if (bytes % 4 !== 0) parts.push(Uint8Array.of(1, 0)); // c.nop
    parts.push(dump);
  }
  add(`
    li s0,${DUMP}
    li s1,${DUMP + DUMP_SIZE}
    li s2,${UART}
    print:
    lbu a0,0(s0)
    sb a0,0(s2)
    addi s0,s0,1
    bltu s0,s1,print
    li s2,${TEST_DEVICE}
    li a0,${POWER_OFF}
    sw a0,0(s2)
    stop:
    j stop`);
  return Buffer.concat(parts);
}

function runOnQemu(program: Uint8Array): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'differential-'));
  try {
    const file = join(folder, 'program.bin');
    writeFileSync(file, program);
    const loader = `loader,file=${file},addr=0x${RAM_BASE.toString(16)}`;
    const options = [
      '-M',
      'virt',
      '-bios',
      'none',
      '-device',
      loader,
      '-display',
      'none',
      '-monitor',
      'none',
    ];
    // A file, because bytes written to a pipe that is full are lost.
    const output = join(folder, 'output.bin');
    spawnSync(QEMU, [...options, '-serial', `file:${output}`], { stdio: 'ignore', timeout: 15_000 });
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runHere(program: Uint8Array): Uint8Array {
  const seen: { readonly output: number[]; done: boolean } = { output: [], done: false };
  const test = new TestHart({
    writeDevice: (_, address, __, value) => {
      if (address === UART) seen.output.push(Number(value));
      seen.done ||= address === TEST_DEVICE;
      return true;
    },
  });
  test.core.memory.write(RAM_BASE, program);
  for (let slices = 0; !seen.done && slices < 1000; slices++) test.hart.run(10_000);
  assert.ok(seen.done, `did not end: ${String(test.hart.lastTrap?.cause)} at ${test.hart.pc.toString(16)}`);
  return Uint8Array.from(seen.output);
}

describe('random programs', function () {
  before(function () {
    if (spawnSync(QEMU, ['--version']).status !== 0) this.skip(); // Needs qemu-system-riscv64.
  });

  for (const seed of [1, 0x1234_5678]) {
    it(`leave the same registers as on QEMU after each of ${BLOCKS} blocks, seed ${seed}`, () => {
      const program = buildProgram(seed);
      const [theirs, ours] = [runOnQemu(program), runHere(program)];
      assert.equal(theirs.length, DUMP_SIZE, 'QEMU did not end');
      const different = ours.findIndex((byte, index) => byte !== theirs[index]);
      assert.equal(different, -1, different < 0 ? '' : explain(program, different));
    });
  }
});

/** The instructions of the first block after which a register differs. */
function explain(program: Uint8Array, at: number): string {
  const block = Math.floor(at / 256);
  const view = new DataView(program.buffer, program.byteOffset, program.length);
  const lines: string[] = [];
  for (let offset = 0, dumps = 0; offset + 4 <= program.length && dumps <= block;) {
    const { text, length } = disassemble(view.getUint32(offset, true), BigInt(RAM_BASE + offset));
    if (text === 'addi s9,s9,256') dumps++;
    if (dumps === block) lines.push(text);
    offset += length;
  }
  return `x${Math.floor((at % 256) / 8) + 1} differs after block ${block}:\n${lines.slice(-80).join('\n')}`;
}
