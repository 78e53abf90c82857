import { useOf } from './instruction-use';
import type { Placed } from './page-code';

/**
 * Accesses of a block by the same register with the same value, near each other: saves and restores of a function, members of a structure, words
 * of a copy. One look into the TLB is enough for all of them. If it finds nothing, or if they do not all lie in one page, the first of them is left to
 * the interpreter.
 */
export interface AccessGroup {
  /** Number in the block, from 0 on. */
  readonly index: number;
  /** Distance of the lowest byte from the register's value, and how many bytes there are from it to the highest. */
  readonly lowest: number;
  readonly span: number;
  /** One of them is a store. Whatever can be stored to can be loaded from (priv 1.13 §11.3.1, §3.7.1: W without R is reserved). */
  readonly stores: boolean;
  readonly first: Placed;
}

/**
 * The farther apart accesses may be, the likelier is a page's end between them, and then they are the interpreter's every time. Structures and frames
 * are aligned to a line or more as a rule.
 */
const LARGEST_SPAN = 128;

/** A group as it grows. */
interface OpenGroup {
  readonly members: Placed[];
  lowest: number;
  end: number;
  stores: boolean;
}

/** The groups of two accesses or more, by access. */
export function groupAccesses(block: readonly Placed[]): ReadonlyMap<Placed, AccessGroup> {
  const groups: OpenGroup[] = [];
  /** Those that more can be added to, by register. */
  const open = new Map<number, OpenGroup>();
  for (const placed of block) {
    const { instruction, fields } = placed.decoded;
    const { access, isCsrAccess } = useOf(instruction);
    if (access) {
      const { rs1 = 0, imm = 0 } = fields;
      const end = imm + access.size;
      let group = open.get(rs1);
      if (!group || Math.max(group.end, end) - Math.min(group.lowest, imm) > LARGEST_SPAN) {
        group = { members: [], lowest: imm, end, stores: false };
        open.set(rs1, group);
        groups.push(group);
      }
      group.members.push(placed);
      group.lowest = Math.min(group.lowest, imm);
      group.end = Math.max(group.end, end);
      group.stores ||= access.isStore;
    }
    // sstatus chooses the TLB.
    if (isCsrAccess) open.clear();
    if (fields.rd !== undefined && fields.rd !== 0) open.delete(fields.rd);
  }
  const found = new Map<Placed, AccessGroup>();
  groups
    .filter(({ members }) => members.length > 1)
    .forEach(({ members, lowest, end, stores }, index) => {
      const group = { index, lowest, span: end - lowest, stores, first: members[0]! };
      for (const member of members) found.set(member, group);
    });
  return found;
}
