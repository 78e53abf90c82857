/** The disassembler on all code of real Linux kernels; `RISCV_UNWIND_LINUX` names the folder that has them. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { loadProgram } from '../../debug-adapter/symbols/program';
import type { ProgramSegment } from '../../debug-adapter/symbols/api';
import type { Disassembly } from '../../emulator/api';
import { disassemble } from '../../emulator/isa/disassemble';
import { parseIsa, type ExtensionSet } from '../../emulator/isa/extensions';
import { asIn240 } from '../../emulator/isa/objdump.test-support';

const OBJDUMP = 'riscv64-linux-gnu-objdump';
const folder = process.env['RISCV_UNWIND_LINUX'] ?? '';

describe('disassembly of Linux kernels', function () {
  this.timeout(300_000);

  for (const kernel of ['vmlinux-metadata', 'vmlinux-stock']) {
    it(`reads as objdump's, instruction by instruction, in ${kernel}`, async function () {
      const packed = join(folder, `${kernel}.gz`);
      const missing =
        folder === '' || !existsSync(packed)
          ? `RISCV_UNWIND_LINUX names no folder with ${kernel}.gz`
          : spawnSync(OBJDUMP, ['--version']).status === 0
            ? undefined
            : `no ${OBJDUMP}`;
      if (missing !== undefined) {
        this.test!.title += ` (skipped: ${missing})`;
        this.skip();
      }
      const bytes = gunzipSync(readFileSync(packed));
      const program = loadProgram(bytes);
      const memory = new Memory(program.segments);
      const differences: string[] = [];
      let compared = 0;
      for await (const theirs of objdump(bytes)) {
        // The linker script puts constants into this executable section; what has a source line is code.
        if (theirs.section === '.init.pi' && !program.lines?.at(theirs.address)) continue;
        const word = memory.word(theirs.address);
        const ours = disassemble(word, theirs.address);
        compared++;
        if (agree(ours, theirs) || agree(disassemble(word, theirs.address, rv64gc), theirs)) continue;
        differences.push(`${theirs.address.toString(16)}: ${ours.text} (objdump: ${theirs.text})`);
      }
      assert.equal(differences.slice(0, 40).join('\n'), '', `${differences.length} differ`);
      assert.ok(compared > 600_000, `only ${compared}`);
    });
  }
});

/** What objdump takes a file for that has no attributes, as kernels have none: it names no `sinval.vma`, and `pause` is a fence. */
const rv64gc = extensionsOf('rv64gc');

function extensionsOf(isa: string): ExtensionSet {
  const parsed = parseIsa(isa);
  return 'extensions' in parsed ? parsed.extensions : assert.fail(parsed.problem);
}

const agree = (ours: Disassembly, theirs: Line): boolean =>
  ours.length === theirs.length && asIn240(ours.text) === asIn240(theirs.text);

interface Line {
  readonly section: string;
  readonly address: bigint;
  /** Bytes of the instruction. */
  readonly length: number;
  /** Mnemonic and operands; addresses are bare numbers. */
  readonly text: string;
}

/** The lines of `objdump -d` that are instructions, or what it takes for code and does not know: all but data directives. */
async function* objdump(file: Uint8Array): AsyncGenerator<Line> {
  const directory = mkdtempSync(join(tmpdir(), 'riscv-unwind-'));
  try {
    const path = join(directory, 'vmlinux');
    writeFileSync(path, file);
    const child = spawn(OBJDUMP, ['--disassemble', '--disassemble-zeroes', path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    let section = '';
    for await (const line of createInterface({ input: child.stdout })) {
      section = /^Disassembly of section (.*):$/.exec(line)?.[1] ?? section;
      const [, address, hex = '', text = ''] = /^([\da-f]{16}):\t([\da-f ]+?) *\t(.*)$/.exec(line) ?? [];
      if (address === undefined || /^\.(word|short|byte|dword)\b/.test(text)) continue;
      yield {
        section,
        address: BigInt(`0x${address}`),
        length: hex.replaceAll(' ', '').length / 2,
        text: bare(text),
      };
    }
    assert.deepEqual(await ended, [0, null]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** `j\tffffffff80000114 <_start_kernel>` is `j 0xffffffff80000114` to us; comments are not part of an instruction. */
const bare = (text: string): string =>
  text
    .replace(/\s+#.*$/, '')
    .replace(/\b([\da-f]+) <[^>]*>$/, '0x$1')
    .replace('\t', ' ')
    .trim();

class Memory {
  readonly #segments: readonly { readonly start: bigint; readonly data: DataView }[];

  constructor(segments: readonly ProgramSegment[]) {
    this.#segments = segments.map(({ virtualAddress, data }) => ({
      start: virtualAddress,
      data: new DataView(data.buffer, data.byteOffset, data.length),
    }));
  }

  /** The 32 bits at an address; what lies beyond the segment is zero. */
  word(address: bigint): number {
    for (const { start, data } of this.#segments) {
      const offset = Number(address - start);
      if (offset < 0 || offset + 2 > data.byteLength) continue;
      const high = offset + 4 > data.byteLength ? 0 : data.getUint16(offset + 2, true);
      return (data.getUint16(offset, true) | (high << 16)) >>> 0;
    }
    throw new Error(`no code at ${address.toString(16)}`);
  }
}
