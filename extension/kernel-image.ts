/**
 * What the first bytes of a file say about it as a kernel to boot: enough to list candidates and to choose how to
 * start them. The adapter reads the rest and explains what is wrong with a file that cannot be used.
 */

/** Bytes from the start of a file that {@link readKernelImage} looks at: the ELF header and its program headers. */
export const headerBytes = 4096;

export interface KernelImage {
  /** Physical address of the lowest loadable segment; `undefined` if the program headers are not in the first bytes. */
  readonly loadAddress: bigint | undefined;
}

const EM_RISCV = 243;
const ET_EXEC = 2;
const ET_DYN = 3;
const PT_LOAD = 1;
const PT_INTERP = 3;
const programHeaderSize = 56;

/**
 * Reads the ELF header (gABI 4.1, ELF64, little-endian).
 * @returns `undefined` for anything but a linked RV64 program that runs without a dynamic linker.
 */
export function readKernelImage(bytes: Uint8Array): KernelImage | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 64 || view.getUint32(0) !== 0x7f454c46) return undefined;
  const [elfClass, data] = [bytes[4], bytes[5]];
  if (elfClass !== 2 || data !== 1) return undefined;
  const type = view.getUint16(16, true);
  if ((type !== ET_EXEC && type !== ET_DYN) || view.getUint16(18, true) !== EM_RISCV) return undefined;

  const headers = Number(view.getBigUint64(32, true));
  let loadAddress: bigint | undefined;
  for (let i = 0; i < view.getUint16(56, true); i++) {
    const at = headers + i * programHeaderSize;
    if (at + programHeaderSize > bytes.length) break;
    const kind = view.getUint32(at, true);
    if (kind === PT_INTERP) return undefined;
    if (kind !== PT_LOAD) continue;
    const physical = view.getBigUint64(at + 24, true);
    if (loadAddress === undefined || physical < loadAddress) loadAddress = physical;
  }
  return { loadAddress };
}

/** Start of RAM on QEMU's `virt` board, where firmware lives when there is any. */
const ramStart = 0x8000_0000n;
/** Where OpenSBI, and our built-in SBI, leave the first free memory: 2 MiB above the start of RAM. */
const firstFree = ramStart + 0x20_0000n;

/** Whether the image takes the place of the firmware, so that it must be started in M-mode without one. */
export function replacesFirmware(image: KernelImage): boolean {
  const { loadAddress } = image;
  return loadAddress !== undefined && loadAddress >= ramStart && loadAddress < firstFree;
}
