/**
 * What a file is that should have been a RISC-V kernel but is not. All sentences about unusable files are made here;
 * each says what the file is and what to do.
 */
import { ProgramError } from '../api';
import { ByteReader } from '../bytes/byte-reader';

const ELF_MAGIC = '\x7fELF';

/** Formats that are mistaken for a kernel with symbols, by their first bytes. */
const OTHER_FORMATS: readonly { readonly magic: string; readonly offset?: number; readonly says: string }[] =
  [
    {
      magic: 'RSC\x05',
      offset: 0x38, // Linux Documentation/arch/riscv/boot-image-header.rst, magic2
      says: 'The file is a Linux boot image (Image), which has no symbols: use the vmlinux of the same build.',
    },
    {
      magic: '\x1f\x8b',
      says: 'The file is compressed with gzip: unpack it with gunzip first.',
    },
    { magic: '\xfd7zXZ\0', says: 'The file is compressed with xz: unpack it with "xz --decompress" first.' },
    { magic: 'BZh', says: 'The file is compressed with bzip2: unpack it with bunzip2 first.' },
    { magic: '\x28\xb5\x2f\xfd', says: 'The file is compressed with zstd: unpack it with unzstd first.' },
    { magic: '\x04\x22\x4d\x18', says: 'The file is compressed with lz4: unpack it with unlz4 first.' },
    { magic: '\x02\x21\x4c\x18', says: 'The file is compressed with lz4: unpack it with unlz4 first.' },
    { magic: '\x5d\0\0', says: 'The file is compressed with lzma: unpack it with unlzma first.' },
    { magic: '\x89LZO', says: 'The file is compressed with lzop: unpack it with "lzop -d" first.' },
    { magic: 'PK\x03\x04', says: 'The file is a zip archive: unpack it first.' },
    {
      magic: '\x27\x05\x19\x56',
      says: 'The file is a U-Boot image, which has no symbols: use the ELF file that it was made from.',
    },
    {
      magic: '\xd0\x0d\xfe\xed',
      says: 'The file is a device tree or a FIT image, not a kernel: use the kernel\'s ELF file, and option "dtb" for a device tree.',
    },
    {
      magic: 'ARM\x64',
      offset: 0x38, // Linux Documentation/arch/arm64/booting.rst
      says: 'The file is a Linux boot image (Image) for AArch64, not RISC-V: build it with ARCH=riscv.',
    },
    {
      magic: 'HdrS',
      offset: 0x202, // Linux Documentation/arch/x86/boot.rst
      says: 'The file is a Linux boot image (bzImage) for x86, not RISC-V: build it with ARCH=riscv.',
    },
    {
      magic: 'zimg',
      offset: 4, // Linux drivers/firmware/efi/libstub/zboot-header.S
      says: 'The file is an EFI application with a compressed kernel in it (vmlinuz.efi): use the vmlinux or the Image of the same build.',
    },
    {
      magic: 'MZ',
      says: 'The file is a PE (EFI or Windows) executable: use the ELF file of the kernel, for Linux the vmlinux of the same build.',
    },
    {
      magic: '!<arch>\n',
      says: 'The file is an archive of object files (ar): link it into an executable first.',
    },
    {
      magic: '!<thin>\n',
      says: 'The file is an archive of object files (ar): link it into an executable first.',
    },
    { magic: '#!', says: 'The file is a script: use the ELF file that the build makes.' },
    {
      magic: '070701',
      says: 'The file is a cpio archive: pass it as option "initrd", with the kernel as program.',
    },
  ];

/** e_machine values that people have at hand (ELF gABI, chapter 4). */
const MACHINES: Readonly<Record<number, string>> = {
  2: 'SPARC',
  3: 'x86 (i386)',
  8: 'MIPS',
  20: 'PowerPC',
  21: 'PowerPC 64',
  22: 'IBM S/390',
  40: 'ARM (32-bit)',
  42: 'SuperH',
  43: 'SPARC 64',
  50: 'Itanium',
  62: 'x86-64',
  83: 'AVR',
  94: 'Xtensa',
  183: 'AArch64',
  247: 'BPF',
  258: 'LoongArch',
};
const EM_RISCV = 243;
const FILE_TYPES: Readonly<Record<number, readonly [what: string, advice: string]>> = {
  0: ['has no ELF file type', 'use the linked kernel'],
  1: ['is a relocatable object file (.o or .ko)', 'use the linked kernel, for Linux the vmlinux'],
  4: ['is a core dump', 'use the kernel that it came from'],
};
const ET_REL = 1;
const ET_EXEC = 2;
const ET_DYN = 3;
/** Size of the ELF64 file header. */
const HEADER_SIZE = 64;

function startsWith(bytes: Uint8Array, magic: string, offset = 0): boolean {
  for (let i = 0; i < magic.length; i++) if (bytes[offset + i] !== magic.charCodeAt(i)) return false;
  return true;
}

function describeOther(bytes: Uint8Array): string {
  const format = OTHER_FORMATS.find(({ magic, offset }) => startsWith(bytes, magic, offset));
  if (format !== undefined) return format.says;
  const isText = bytes.subarray(0, 512).every((byte) => byte >= 0x20 || (byte >= 9 && byte <= 13));
  return isText
    ? 'The file is text, not an ELF executable: use the file that the linker makes.'
    : 'The file is not an ELF executable: use the file that the linker makes (a raw binary made with objcopy has no symbols).';
}

/**
 * Returns if `bytes` begin with the header of an ELF64 little-endian RISC-V file of that kind.
 * @throws ProgramError otherwise.
 */
export function checkElfHeader(bytes: Uint8Array, wanted: 'linked' | 'object'): void {
  if (bytes.length === 0) throw new ProgramError('empty', 'The file is empty: build the kernel again.');
  if (!startsWith(bytes, ELF_MAGIC)) throw new ProgramError('not-elf', describeOther(bytes));
  if (bytes.length < HEADER_SIZE) {
    throw new ProgramError(
      'truncated',
      `The file ends after ${bytes.length} bytes, inside its ELF header: build or copy it again.`,
    );
  }
  const [elfClass, encoding] = [bytes[4], bytes[5]];
  const reader = new ByteReader(bytes, 16);
  const swap = (half: number) => (encoding === 2 ? ((half & 0xff) << 8) | (half >> 8) : half);
  const type = swap(reader.u16());
  const machine = swap(reader.u16());
  if (machine !== EM_RISCV) {
    const name = MACHINES[machine] ?? `machine number ${machine}`;
    throw new ProgramError(
      'not-riscv',
      `The file is for ${name}, not RISC-V: build it with a riscv64 compiler (for Linux: ARCH=riscv).`,
    );
  }
  if (elfClass !== 2) {
    throw new ProgramError(
      'not-64-bit',
      elfClass === 1
        ? 'The file is for 32-bit RISC-V (RV32), this debugger is for RV64: build it with -march=rv64imac -mabi=lp64.'
        : `The file has ELF class ${elfClass}, which does not exist: build or copy it again.`,
    );
  }
  if (encoding !== 1) {
    throw new ProgramError(
      'big-endian',
      'The file is for big-endian RISC-V, this debugger is for little-endian: build it without -mbig-endian.',
    );
  }
  if (wanted === 'object') {
    if (type === ET_REL) return;
    throw new ProgramError(
      'not-executable',
      'The file is not a relocatable object file, as modules are: use the .ko that the build makes.',
    );
  }
  if (type !== ET_EXEC && type !== ET_DYN) {
    const [what, advice] = FILE_TYPES[type] ?? [`has ELF file type ${type}`, 'use the linked kernel'];
    throw new ProgramError('not-executable', `The file ${what}, not an executable: ${advice}.`);
  }
}
