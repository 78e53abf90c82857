/**
 * Walks of the kernel's linked structures: `struct list_head { next, prev }`, `struct hlist_head { first }` of `struct hlist_node
 * { next, pprev }`, `struct rb_root { rb_node }` of `struct rb_node { __rb_parent_color, rb_right, rb_left }` (Linux 7.3
 * include/linux/types.h, rbtree_types.h). Bounded, whatever memory holds.
 */
import type { ReadMemory } from '../unwind/types';

/** The nodes that are linked from a head, in order. */
export interface LinkedNodes {
  readonly addresses: readonly bigint[];
  /** Why the walk ended before the structure's end, a clause; `undefined` if it did not. */
  readonly cut: string | undefined;
}

/** More than a person looks through, and walked within a few milliseconds. */
const mostNodes = 10_000;

const rbRight = 8n;
const rbLeft = 16n;

/** `list_for_each(node, head)`: the nodes behind the head, which is none of them. */
export function listNodes(head: bigint, memory: ReadMemory): LinkedNodes {
  return chain(head, head, memory);
}

/** `hlist_for_each(node, head)`. */
export function hlistNodes(head: bigint, memory: ReadMemory): LinkedNodes {
  return chain(head, 0n, memory);
}

/** From the word at `head` on, each node's first word links the next one, up to `end`. */
function chain(head: bigint, end: bigint, memory: ReadMemory): LinkedNodes {
  const nodes = new Set<bigint>();
  for (let at = head; ;) {
    const next = word(at, memory);
    if (next === undefined) return cut(nodes, `the link at 0x${at.toString(16)} cannot be read`);
    if (next === end) return { addresses: [...nodes], cut: undefined };
    // A node that is not linked at all, or a list that is not set up yet.
    if (next === 0n) return cut(nodes, `the link at 0x${at.toString(16)} is NULL`);
    if (nodes.has(next)) return cut(nodes, `it comes back to 0x${next.toString(16)} and never to its head`);
    if (nodes.size === mostNodes) return cut(nodes, `it has more than ${mostNodes} elements`);
    nodes.add(next);
    at = next;
  }
}

/** The nodes of a red-black tree in their order: `rb_first()`, `rb_next()`, … */
export function treeNodes(root: bigint, memory: ReadMemory): LinkedNodes {
  const nodes = new Set<bigint>();
  const seen = new Set<bigint>();
  /** Nodes whose left sides are being walked. */
  const pending: bigint[] = [];
  let node = word(root, memory);
  if (node === undefined) return cut(nodes, `the root at 0x${root.toString(16)} cannot be read`);
  for (;;) {
    while (node !== 0n) {
      if (seen.has(node)) return cut(nodes, `0x${node.toString(16)} is in it twice`);
      if (seen.size === mostNodes) return cut(nodes, `it has more than ${mostNodes} elements`);
      seen.add(node);
      pending.push(node);
      const left = word(node + rbLeft, memory);
      if (left === undefined) return cut(nodes, `the node at 0x${node.toString(16)} cannot be read`);
      node = left;
    }
    const next = pending.pop();
    if (next === undefined) return { addresses: [...nodes], cut: undefined };
    nodes.add(next);
    const right = word(next + rbRight, memory);
    if (right === undefined) return cut(nodes, `the node at 0x${next.toString(16)} cannot be read`);
    node = right;
  }
}

function cut(nodes: ReadonlySet<bigint>, reason: string): LinkedNodes {
  return { addresses: [...nodes], cut: reason };
}

function word(address: bigint, memory: ReadMemory): bigint | undefined {
  const bytes = memory(BigInt.asUintN(64, address), 8);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
}
