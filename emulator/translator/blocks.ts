import type { Decoded } from '../isa/decode';
import { useOf } from './instruction-use';

/** Bytes of a page of code. */
const PAGE_SIZE = 4096;

/** An instruction at its place in the page. */
export interface Placed {
  /** Offset in the page, bytes. */
  readonly offset: number;
  readonly decoded: Decoded;
}

/** Instructions that are executed one after the other; only the last may go elsewhere. */
export interface Block {
  readonly instructions: readonly Placed[];
  /** Where control goes on in the same page as far as the instructions say, as offsets: branches, jumps, calls, what follows. */
  readonly successors: readonly number[];
}

/** Blocks that belong together, like those of a function. */
export interface Region {
  readonly blocks: readonly Block[];
  /** Offsets of the blocks where control may come in. */
  readonly entries: readonly number[];
  /** Instructions in all blocks. */
  readonly size: number;
}

/** Callees are joined to their callers up to so many instructions: beyond, registers that the others need cost more than calls. */
const LARGEST_JOINED = 400;

/**
 * Divides the instructions of one page into regions.
 * @param instructions those that were executed, by offset, without those that the interpreter has to execute
 * @param entered offsets where control came in although nothing in the code says so
 */
export function findRegions(
  instructions: ReadonlyMap<number, Decoded>,
  entered: Iterable<number> = [],
): Region[] {
  return new PageGraph(instructions, entered).regions();
}

/** How an instruction ends its block: where it leads, and which of those places are also come to from elsewhere. */
interface Leads {
  readonly next: readonly number[];
  /** Call targets and what comes after calls. */
  readonly entries: readonly number[];
  readonly callee: number | undefined;
  readonly returnTo: number | undefined;
}

class PageGraph {
  private readonly instructions: ReadonlyMap<number, Decoded>;
  private readonly leaders = new Set<number>();
  private readonly entries = new Set<number>();
  private readonly blocks = new Map<number, Block>();
  private readonly calls: { readonly from: number; readonly to: number }[] = [];
  private readonly union = new Map<number, number>();

  constructor(instructions: ReadonlyMap<number, Decoded>, entered: Iterable<number>) {
    this.instructions = instructions;
    this.findLeaders();
    for (const leader of [...this.leaders].sort((a, b) => a - b))
      this.blocks.set(leader, this.blockAt(leader));
    for (const offset of entered) this.entries.add(this.leaderOf(offset));
    this.enterLoops();
    this.enterOrphans();
  }

  regions(): Region[] {
    for (const [offset, { successors, instructions }] of this.blocks) {
      const { callee, returnTo } = this.leadsOf(instructions.at(-1)!) ?? {};
      if (callee !== undefined && this.blocks.has(callee)) this.calls.push({ from: offset, to: callee });
      const own = returnTo === undefined ? successors : [returnTo];
      for (const next of own) if (this.blocks.has(next)) this.join(offset, next);
    }
    const sizes = new Map<number, number>();
    for (const [offset, { instructions }] of this.blocks) {
      const root = this.rootOf(offset);
      sizes.set(root, (sizes.get(root) ?? 0) + instructions.length);
    }
    for (const { from, to } of this.calls) {
      const [a, b] = [this.rootOf(from), this.rootOf(to)];
      const size = sizes.get(a)! + sizes.get(b)!;
      if (a === b || size > LARGEST_JOINED) continue;
      this.join(a, b);
      sizes.set(this.rootOf(a), size);
    }
    const members = new Map<number, number[]>();
    for (const offset of this.blocks.keys()) {
      const root = this.rootOf(offset);
      const offsets = members.get(root);
      if (offsets) offsets.push(offset);
      else members.set(root, [offset]);
    }
    return [...members.values()].map((offsets) => this.regionOf(offsets));
  }

  private regionOf(offsets: readonly number[]): Region {
    const inside = new Set(offsets);
    const blocks = offsets.map((offset) => {
      const { instructions, successors } = this.blocks.get(offset)!;
      return { instructions, successors: successors.filter((next) => inside.has(next)) };
    });
    return {
      blocks,
      entries: offsets.filter((offset) => this.entries.has(offset)),
      size: blocks.reduce((sum, block) => sum + block.instructions.length, 0),
    };
  }

  private findLeaders(): void {
    const fallenInto = new Set<number>();
    for (const [offset, decoded] of this.instructions) {
      const leads = this.leadsOf({ offset, decoded });
      if (!leads) {
        const next = offset + decoded.length;
        // Instructions that overlap can go on with the same one.
        if (fallenInto.has(next)) this.leaders.add(next);
        fallenInto.add(next);
        continue;
      }
      for (const next of [...leads.next, ...leads.entries]) this.leaders.add(next);
      for (const entry of leads.entries) this.entries.add(entry);
      // What comes after is a block of its own, however it is come to.
      this.leaders.add(offset + decoded.length);
    }
    for (const offset of this.instructions.keys()) if (!fallenInto.has(offset)) this.leaders.add(offset);
    for (const set of [this.leaders, this.entries]) {
      for (const offset of set) if (!this.instructions.has(offset)) set.delete(offset);
    }
  }

  /** `undefined` for an instruction that only goes on with the next. */
  private leadsOf({ offset, decoded }: Placed): Leads | undefined {
    const { instruction, fields, length } = decoded;
    const next = offset + length;
    const target = offset + (fields.imm ?? 0);
    if (instruction.flow === 'branch')
      return { next: [target, next], entries: [], callee: undefined, returnTo: undefined };
    if (instruction.flow !== 'link') return undefined;
    const links = fields.rd !== 0;
    const direct = instruction.mnemonic === 'jal';
    return {
      next: direct ? [target] : [],
      entries: [...(links ? [next] : []), ...(links && direct ? [target] : [])],
      callee: links && direct ? target : undefined,
      returnTo: links ? next : undefined,
    };
  }

  private blockAt(leader: number): Block {
    const instructions: Placed[] = [];
    for (let offset = leader; ;) {
      const decoded = this.instructions.get(offset);
      if (!decoded) return { instructions, successors: [] };
      const placed = { offset, decoded };
      instructions.push(placed);
      const leads = this.leadsOf(placed);
      if (leads) return { instructions, successors: leads.next.filter((next) => this.leaders.has(next)) };
      offset += decoded.length;
      if (this.leaders.has(offset)) return { instructions, successors: [offset] };
    }
  }

  private leaderOf(offset: number): number {
    let leader = -1;
    for (const other of this.blocks.keys()) if (other <= offset && other > leader) leader = other;
    return leader;
  }

  /** Loops can be entered at each round: a run may end, and go on, in the middle of them. */
  private enterLoops(): void {
    for (const [offset, { successors }] of this.blocks) {
      for (const next of successors) if (next <= offset) this.entries.add(next);
    }
  }

  /** Blocks that nothing in the page leads to are come to from elsewhere. */
  private enterOrphans(): void {
    const ledTo = new Set([...this.blocks.values()].flatMap(({ successors }) => successors));
    for (const offset of this.blocks.keys()) if (!ledTo.has(offset)) this.entries.add(offset);
  }

  private rootOf(offset: number): number {
    let root = offset;
    for (let next = this.union.get(root); next !== undefined; next = this.union.get(root)) root = next;
    // Paths are kept short.
    for (let at = offset; at !== root;) {
      const next = this.union.get(at)!;
      this.union.set(at, root);
      at = next;
    }
    return root;
  }

  private join(a: number, b: number): void {
    const [rootOfA, rootOfB] = [this.rootOf(a), this.rootOf(b)];
    if (rootOfA !== rootOfB) this.union.set(rootOfB, rootOfA);
  }
}

/** True if translated code can execute it: the others are left to the interpreter. */
export const isTranslatable = ({ instruction, length }: Decoded, offset: number): boolean =>
  !useOf(instruction).isSystem && offset + length <= PAGE_SIZE;
