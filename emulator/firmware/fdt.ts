/** Flattened device trees, as bytes (Devicetree Specification 0.4, chapter 5). */

export interface FdtNode {
  /** With its unit address: `cpu@0`. Empty for the root. */
  readonly name: string;
  readonly properties: Readonly<Record<string, Uint8Array>>;
  readonly children?: readonly FdtNode[];
}

const MAGIC = 0xd00d_feed;
const VERSION = 17;
const LAST_COMPATIBLE_VERSION = 16;
const HEADER_SIZE = 40;
/** One terminating entry of the memory reservation block. */
const RESERVATIONS_SIZE = 16;

const Token = { beginNode: 1, endNode: 2, property: 3, end: 9 } as const;

/** 32-bit big-endian cells. */
export function cells(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint32(index * 4, value));
  return bytes;
}

/** A 64-bit value as two cells, for `#address-cells = <2>`. */
export function cells64(...values: readonly number[]): Uint8Array {
  return cells(...values.flatMap((value) => [Math.floor(value / 0x1_0000_0000), value % 0x1_0000_0000]));
}

/** A string, or a list of strings. */
export function strings(...values: readonly string[]): Uint8Array {
  return new TextEncoder().encode(values.map((value) => `${value}\0`).join(''));
}

/** A property whose presence says it all. */
export const present = new Uint8Array(0);

/** @param bootHart goes into the header as `boot_cpuid_phys`. */
export function flatten(root: FdtNode, bootHart = 0): Uint8Array {
  const structure = new StructureBlock();
  structure.node(root);
  structure.token(Token.end);
  const struct = structure.bytes();
  const names = structure.names();

  const structOffset = HEADER_SIZE + RESERVATIONS_SIZE;
  const namesOffset = structOffset + struct.length;
  const total = namesOffset + names.length;
  const tree = new Uint8Array(total);
  tree.set(
    cells(
      MAGIC,
      total,
      structOffset,
      namesOffset,
      HEADER_SIZE,
      VERSION,
      LAST_COMPATIBLE_VERSION,
      bootHart,
      names.length,
      struct.length,
    ),
  );
  tree.set(struct, structOffset);
  tree.set(names, namesOffset);
  return tree;
}

/** The size a flattened tree gives for itself; `undefined` if the bytes do not hold one. */
export function fdtSize(bytes: Uint8Array): number | undefined {
  if (bytes.length < HEADER_SIZE) return undefined;
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_SIZE);
  const size = header.getUint32(4);
  return header.getUint32(0) === MAGIC && size >= HEADER_SIZE && size <= bytes.length ? size : undefined;
}

class StructureBlock {
  private readonly chunks: Uint8Array[] = [];
  private readonly nameOffsets = new Map<string, number>();
  private namesLength = 0;

  token(token: number): void {
    this.chunks.push(cells(token));
  }

  node(node: FdtNode): void {
    this.token(Token.beginNode);
    this.chunks.push(padded(strings(node.name)));
    for (const [name, value] of Object.entries(node.properties)) {
      this.token(Token.property);
      this.chunks.push(cells(value.length, this.nameOffset(name)), padded(value));
    }
    for (const child of node.children ?? []) this.node(child);
    this.token(Token.endNode);
  }

  bytes(): Uint8Array {
    return concatenate(this.chunks);
  }

  names(): Uint8Array {
    return strings(...this.nameOffsets.keys());
  }

  private nameOffset(name: string): number {
    const known = this.nameOffsets.get(name);
    if (known !== undefined) return known;
    const offset = this.namesLength;
    this.nameOffsets.set(name, offset);
    this.namesLength += strings(name).length;
    return offset;
  }
}

function padded(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array((bytes.length + 3) & ~3);
  result.set(bytes);
  return result;
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    result.set(chunk, offset);
    offset += chunk.length;
  }
  return result;
}
