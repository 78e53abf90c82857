/**
 * The trees in which Linux keeps pointers by number: the maple tree (since 6.1, include/linux/maple_tree.h) and the radix tree that is
 * an XArray (since 4.20, include/linux/xarray.h). All pointers in them, in the order of their numbers.
 */
import type { KernelMemory } from './kernel-memory';
import { StructView } from './struct-view';

/** Two bits tell a node, or an entry that stands for none, from a pointer (`xa_is_internal()`). */
const kindMask = 3n;
const internal = 2n;
const reserved = 4096n;
const mostPointers = 4096;
/** A tree of so many pointers has far fewer; a node that leads to itself is visited no oftener. */
const mostNodes = 4096;
const deepest = 32;
const largest = (1n << 64n) - 1n;

const isNode = (entry: bigint) => (entry & kindMask) === internal && entry > reserved;
const isPointer = (entry: bigint) => entry !== 0n && (entry & kindMask) === 0n;

/** Shapes of nodes with 64-bit pointers: places of pivots and slots in 256 bytes. */
const mapleNode = 256;
const shapes: Readonly<
  Record<number, { readonly slots: number; readonly at: number; readonly leaf: boolean }>
> = {
  // maple_leaf_64, maple_range_64 and maple_arange_64 of `enum maple_type`.
  1: { slots: 16, at: 128, leaf: true },
  2: { slots: 16, at: 128, leaf: false },
  3: { slots: 10, at: 80, leaf: false },
};

/** @param root `maple_tree.ma_root` */
export function maplePointers(root: bigint, memory: KernelMemory): readonly bigint[] {
  const found: bigint[] = [];
  let nodes = 0;
  const visit = (entry: bigint, max: bigint, depth: number): void => {
    if (++nodes > mostNodes) return;
    const shape = shapes[Number((entry >> 3n) & 15n)];
    const node = StructView.read(entry & ~255n, mapleNode, memory);
    if (!shape || !node || depth > deepest) return;
    for (let slot = 0; slot < shape.slots && found.length < mostPointers; slot++) {
      // The last slot that is in use has no pivot, or one that is the largest number of the node; what follows is anything.
      const pivot = slot < shape.slots - 1 ? (node.u64(8 + 8 * slot) ?? 0n) : max;
      const isLast = pivot >= max || (slot > 0 && pivot === 0n);
      const child = node.u64(shape.at + 8 * slot) ?? 0n;
      if (!shape.leaf && isNode(child)) visit(child, isLast ? max : pivot, depth + 1);
      else if (shape.leaf && isPointer(child)) found.push(child);
      if (isLast) return;
    }
  };
  if (isNode(root)) visit(root, largest, 0);
  else if (isPointer(root)) found.push(root);
  return found;
}

/** `XA_CHUNK_SIZE` without CONFIG_BASE_SMALL. */
const slotsOfNode = 64;

/**
 * @param head `xarray.xa_head`
 * @param slots offset of `xa_node.slots`
 */
export function radixPointers(head: bigint, slots: number, memory: KernelMemory): readonly bigint[] {
  const found: bigint[] = [];
  let nodes = 0;
  const visit = (entry: bigint, depth: number): void => {
    if (++nodes > mostNodes) return;
    const node = StructView.read(entry - internal + BigInt(slots), slotsOfNode * 8, memory);
    if (!node || depth > deepest) return;
    for (let slot = 0; slot < slotsOfNode && found.length < mostPointers; slot++) {
      const child = node.u64(8 * slot)!;
      if (isNode(child)) visit(child, depth + 1);
      else if (isPointer(child)) found.push(child);
    }
  };
  if (isNode(head)) visit(head, 0);
  else if (isPointer(head)) found.push(head);
  return found;
}
