import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BINUTILS = 'riscv64-unknown-elf-';

export const hasObjdump = spawnSync(`${BINUTILS}objdump`, ['--version']).status === 0;

/** All that we disassemble and binutils 2.40 knows: no Zicond. */
const ARCHITECTURE = 'rv64gc_zba_zbb_zbc_zbs_zicbom_zicbop_zicboz_zihintpause_svinval';

function run(tool: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(`${BINUTILS}${tool}`, args, { maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${tool}: ${stderr.toString()}`);
  return stdout.toString();
}

/** binutils 2.40 prints immediate forms under the register form's name (`add sp,sp,-32`); 2.41 and we do not. */
const immediateForms: Readonly<Record<string, string>> = {
  ...{
    addi: 'add',
    addiw: 'addw',
    slli: 'sll',
    srli: 'srl',
    srai: 'sra',
    andi: 'and',
    ori: 'or',
    xori: 'xor',
  },
  ...{ slliw: 'sllw', srliw: 'srlw', sraiw: 'sraw', slti: 'slt', sltiu: 'sltu' },
  ...{ rori: 'ror', roriw: 'rorw', bclri: 'bclr', bexti: 'bext', binvi: 'binv', bseti: 'bset' },
  ...{ csrrwi: 'csrrw', csrrsi: 'csrrs', csrrci: 'csrrc', csrwi: 'csrw', csrsi: 'csrs', csrci: 'csrc' },
};

/** Text of either spelling in that of binutils 2.40: the two can be compared. */
export const asIn240 = (text: string): string =>
  text.replace(/^\S+/, (mnemonic) => immediateForms[mnemonic] ?? mnemonic);

/** Disassembles words at address 0, each padded to 4 bytes if it is compressed. Text by address. */
export function objdump(bytes: Uint8Array): Map<number, string> {
  const folder = mkdtempSync(join(tmpdir(), 'objdump-'));
  try {
    const [source, code, object] = ['source.s', 'code.bin', 'code.o'].map((name) => join(folder, name));
    writeFileSync(source!, 'nop');
    writeFileSync(code!, bytes);
    // An object file says which extensions it uses: objdump takes no more for granted than rv64gc. No symbols: targets are numbers.
    run('as', `-march=${ARCHITECTURE}`, '-o', object!, source!);
    run('objcopy', '--strip-all', '--update-section', `.text=${code!}`, object!);
    const lines = run('objdump', '-d', '-z', object!).matchAll(/^\s*([\da-f]+):\t[\da-f ]+\t(.*)$/gm);
    return new Map([...lines].map(([, address = '', text = '']) => [parseInt(address, 16), clean(text)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Tabs become spaces; comments and symbols go. */
const clean = (text: string): string =>
  text
    .replace(/\s*(#|<).*$/, '')
    .replace('\t', ' ')
    .trim();
