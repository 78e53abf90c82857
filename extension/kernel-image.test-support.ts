/** Makes ELF headers for tests. */

interface ElfHeader {
  /** 2 is ELF64. */
  readonly elfClass?: number;
  /** 2 is ET_EXEC, 1 a relocatable object file. */
  readonly type?: number;
  /** 243 is RISC-V. */
  readonly machine?: number;
  /** Program headers: kind (1 is PT_LOAD, 3 PT_INTERP) and physical address. */
  readonly segments?: readonly { readonly kind: number; readonly physical: bigint }[];
}

export function elfFile(header: ElfHeader = {}): Uint8Array {
  const { elfClass = 2, type = 2, machine = 243 } = header;
  const segments = header.segments ?? [{ kind: 1, physical: 0x8020_0000n }];
  const bytes = new Uint8Array(64 + 56 * segments.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, elfClass, 1, 1]);
  view.setUint16(16, type, true);
  view.setUint16(18, machine, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, segments.length, true);
  segments.forEach(({ kind, physical }, i) => {
    view.setUint32(64 + 56 * i, kind, true);
    view.setBigUint64(64 + 56 * i + 24, physical, true);
  });
  return bytes;
}
